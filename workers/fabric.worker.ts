import { trustOwnScripts } from '../src/hosts/browser/trusted-scripts.ts';
import { startFabricWorker } from '../src/hosts/browser/worker/fabric-worker.ts';

declare const self: DedicatedWorkerGlobalScope;

// A worker obeys the policy of its own response: this counts where a host sends ours as a header.
trustOwnScripts(new URL('../', self.location.href));

// Vite needs this literal form to find and bundle the worker's script.
startFabricWorker(
  self,
  (name) => new Worker(new URL('./instance.worker.ts', import.meta.url), { type: 'module', name }),
);
