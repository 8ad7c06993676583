import type { Endpoint } from 'comlink';
import { createInstanceRunner } from '../../../core/fabric/instance-runner.ts';
import type { HostPerformer } from '../../../core/fabric/host-effect.ts';
import type { ActorFactory, InstanceApi, InstanceInit } from '../../../core/fabric/protocol.ts';
import type { NodeKind } from '../../../core/topology/schema/types.ts';
import { reasonOf, serve } from '../rpc.ts';
import { createInstanceHost } from './instance-host.ts';
import type { InstanceNotice, InstanceWorkerApi } from './protocol.ts';
import { seal, SEALED_AT_BOOT, SEALED_AT_START } from './seal.ts';
import { serveWindows } from './window-line.ts';

/** Whether an instance will ask for signatures: it issues tokens, or checks them. */
const needsEffects = ({ record }: InstanceInit): boolean =>
  (record.kind === 'service' && record.config.tokens !== undefined) ||
  (record.kind === 'gateway' && record.config.auth?.kind === 'jwt');

/** The runner with host effects, whose code is fetched only by instances that need it: before they start, or at their first effect after an edit. */
function createRunner(factories: Record<NodeKind, ActorFactory>, load: () => Promise<HostPerformer>): InstanceApi {
  let loaded: Promise<HostPerformer> | null = null;
  const performer = (): Promise<HostPerformer> => (loaded ??= load());
  const runner = createInstanceRunner(
    (kind) => factories[kind],
    async (effect) => (await performer())(effect),
  );
  return {
    ...runner,
    async start(init) {
      if (needsEffects(init)) await performer();
      return runner.start(init);
    },
  };
}

/** Both planes of one instance on one endpoint: calls and windows. */
function serveInstance(host: ReturnType<typeof createInstanceHost>, endpoint: Endpoint): void {
  serve<InstanceWorkerApi>(host, endpoint);
  serveWindows(host.deliver, endpoint);
}

/** Turns this worker into a place for one instance; `loadPerformer` fetches the code for host effects. Called once, by the entry file. */
export function startInstanceWorker(
  scope: DedicatedWorkerGlobalScope,
  factories: Record<NodeKind, ActorFactory>,
  loadPerformer: () => Promise<HostPerformer>,
): void {
  seal(scope, SEALED_AT_BOOT);
  let out: { postMessage(notice: InstanceNotice): void } = scope;
  const tell = (notice: InstanceNotice): void => out.postMessage(notice);
  // Errors outside a call reach the fabric as the worker's `error` event; rejections would reach nobody.
  scope.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    tell({ notice: 'crashed', reason: reasonOf(event.reason) });
  });
  const host = createInstanceHost(createRunner(factories, loadPerformer), tell, (instance) => {
    seal(scope, SEALED_AT_START);
    // So that DevTools' list of threads says which instance it is.
    Object.defineProperty(scope, 'name', { value: instance });
  });
  serveInstance(host, scope);
  const showLife = holdLock(scope, tell);
  // Made by the page instead of the fabric: the fabric is at the other end of this port.
  scope.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('port' in data) || !(data.port instanceof MessagePort)) return;
    out = data.port;
    serveInstance(host, data.port);
    showLife();
  });
}

/** Holds a Web Lock until this worker is gone, and tells its name; again when the returned function is called. */
function holdLock(scope: DedicatedWorkerGlobalScope, tell: (notice: InstanceNotice) => void): () => void {
  const lock = `servarium/worker/${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  let isHeld = false;
  const show = (): void => {
    if (isHeld) tell({ notice: 'alive', lock });
  };
  // Absent on plain http: then the watchdog notices a worker that was ended from outside.
  scope.navigator.locks
    ?.request(lock, () => {
      isHeld = true;
      show();
      return new Promise(() => undefined);
    })
    .catch(() => undefined);
  return show;
}
