import { startFabricWorker } from '../src/hosts/browser/worker/fabric-worker.ts';

declare const self: DedicatedWorkerGlobalScope;

// Vite needs this literal form to find and bundle the worker's script.
startFabricWorker(
  self,
  (name) => new Worker(new URL('./instance.worker.ts', import.meta.url), { type: 'module', name }),
);
