import { actorFactories } from '../src/core/kinds/index.ts';
import { startInstanceWorker } from '../src/hosts/browser/worker/instance-worker.ts';

declare const self: DedicatedWorkerGlobalScope;

startInstanceWorker(
  self,
  actorFactories,
  async () => (await import('../src/hosts/tokens/perform-effect.ts')).performEffect,
);
