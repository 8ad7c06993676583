import { createInstanceRunner } from '../../../core/fabric/instance-runner.ts';
import type { ActorFactory } from '../../../core/fabric/protocol.ts';
import type { NodeKind } from '../../../core/topology/types.ts';
import { reasonOf, serve } from '../rpc.ts';
import { createInstanceHost } from './instance-host.ts';
import type { InstanceNotice, InstanceWorkerApi } from './protocol.ts';
import { seal, SEALED_AT_BOOT, SEALED_AT_START } from './seal.ts';

/** Turns this worker into a place for one instance. Called once, by the entry file. */
export function startInstanceWorker(
  scope: DedicatedWorkerGlobalScope,
  factories: Record<NodeKind, ActorFactory>,
): void {
  seal(scope, SEALED_AT_BOOT);
  const tell = (notice: InstanceNotice): void => scope.postMessage(notice);
  // Errors outside a call reach the fabric as the worker's `error` event; rejections would reach nobody.
  scope.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    tell({ notice: 'crashed', reason: reasonOf(event.reason) });
  });
  const lock = `servarium/worker/${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  scope.navigator.locks
    ?.request(lock, () => {
      tell({ notice: 'alive', lock });
      return new Promise(() => undefined);
    })
    .catch(() => undefined);
  const host = createInstanceHost(
    createInstanceRunner((kind) => factories[kind]),
    tell,
    (instance) => {
      seal(scope, SEALED_AT_START);
      // So that DevTools' list of threads says which instance it is.
      Object.defineProperty(scope, 'name', { value: instance });
    },
  );
  serve<InstanceWorkerApi>(host, scope);
}
