import { actorFactories } from '../src/core/kinds/index.ts';
import { startInstanceWorker } from '../src/hosts/browser/worker/instance-worker.ts';

declare const self: DedicatedWorkerGlobalScope;

startInstanceWorker(self, actorFactories);
