import { err, type Problem, type Result } from '../../core/base/result.ts';
import type { HttpReply } from '../../core/fabric/message.ts';
import type { RunBatch, RunPort, RunState } from '../../core/fabric/run-api.ts';
import { connect, type Connection } from './rpc.ts';
import { problemReply } from './worker/edge-desk.ts';
import { isFabricNotice, readBatch, type FabricWorkerApi } from './worker/fabric-protocol.ts';
import { failureOf } from './worker/instance-pool.ts';
import { isSpawnRequest } from './worker/spawn-protocol.ts';
import { spawnForFabric } from './spawn-for-fabric.ts';
import { hostProblem } from './host-texts.ts';

/** Wall ms after which a call to the fabric worker counts as lost; opening waits for workers and disks. */
const DEADLINE_MS = 15_000;
const OPEN_DEADLINE_MS = 60_000;
/** Longer than the edge's own 30 s, which answers with a 504 of its own. */
const EDGE_DEADLINE_MS = 35_000;
/** A step or a pause waits for the outstanding window, which the watchdog ends after 5 s. */
const WINDOW_DEADLINE_MS = 20_000;

export interface BrowserRunOptions {
  /** Makes the fabric worker: `new Worker(new URL('…/fabric.worker.ts', import.meta.url), { type: 'module' })` in a composition root. */
  spawnFabric: () => Worker;
  /** The same for an instance worker: needed only where a worker cannot make workers. */
  spawnInstance?: (name: string) => Worker;
  /** Off with `?debug`. */
  watchdog?: boolean;
  /** Where visibility is read; the page's document. */
  visibility?: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;
}

type Api = Connection<FabricWorkerApi>;

const problem = (reason: string): Problem => hostProblem('RUN_UNREACHABLE', '', { reason });

/**
 * The run in a Web Worker of its own, for the page. Calls always settle. A call that cannot be answered rejects only
 * where the contract has no other way to say so (`hash`, `log`, `inputs`, `stored`), with the reason in words.
 */
export function createBrowserRun(options: BrowserRunOptions): RunPort {
  const listeners = new Set<(batch: RunBatch) => void>();
  let api: Api | null = null;
  let worker: Worker | null = null;
  let last: RunState | null = null;

  const publish = (batch: RunBatch): void => {
    last = batch.state;
    for (const listener of listeners) listener(batch);
  };
  const fail = (reason: string): void => {
    api?.fail(reason);
    api = null;
    worker?.terminate();
    worker = null;
    if (last !== null) publish({ state: { ...last, status: 'failed', failure: reason }, events: [] });
  };
  const boot = (): Api => {
    if (api !== null) return api;
    const spawned = options.spawnFabric();
    const connected: Api = connect<FabricWorkerApi>(spawned);
    const spawn = spawnForFabric(spawned, options.spawnInstance);
    spawned.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (isSpawnRequest(data)) spawn(data);
      if (!isFabricNotice(data)) return;
      const batch = readBatch(data.batch);
      publish(batch);
      // Credit: the fabric goes on only as fast as the page takes in (decision 6).
      if (batch.events.length > 0) void connected.call('acknowledge', DEADLINE_MS, batch.events.length);
    });
    spawned.addEventListener('error', (event) => {
      event.preventDefault();
      fail(`the fabric worker failed: ${failureOf(event)}`);
    });
    worker = spawned;
    api = connected;
    tellHidden();
    return connected;
  };
  const visibility = options.visibility ?? (typeof document === 'undefined' ? undefined : document);
  const tellHidden = (): void => {
    if (visibility !== undefined) void api?.call('hidden', DEADLINE_MS, visibility.visibilityState === 'hidden');
  };
  visibility?.addEventListener('visibilitychange', tellHidden);

  const settle = async (answer: Promise<Result<unknown, string>> | undefined): Promise<void> => void (await answer);
  const need = async <T>(ask: (to: Api) => Promise<Result<T, string>>): Promise<T> => {
    if (api === null) throw new Error('Failed to ask the run: no run is open');
    const answer = await ask(api);
    if (!answer.ok) throw new Error(`Failed to ask the run: ${answer.error}`);
    return answer.value;
  };
  const flat = <T>(answer: Result<Result<T>, string>): Result<T> =>
    answer.ok ? answer.value : err([problem(`Failed to reach the run: ${answer.error}`)]);

  return {
    async open(definition, { speed, play }) {
      const request = {
        definition,
        speed,
        play,
        startedAt: new Date().toISOString(),
        runId: crypto.randomUUID(),
        watchdog: options.watchdog ?? true,
      };
      return flat(await boot().call('open', OPEN_DEADLINE_MS, request));
    },
    async close() {
      const closing = api;
      await settle(closing?.call('close', WINDOW_DEADLINE_MS));
      // Who still waits for an answer gets none any more: told now, not after its deadline.
      closing?.fail('the run was closed');
      api = null;
      worker?.terminate();
      worker = null;
      if (last !== null) publish({ state: { ...last, status: 'idle' }, events: [] });
      last = null;
    },
    play: () => settle(api?.call('play', DEADLINE_MS)),
    pause: () => settle(api?.call('pause', WINDOW_DEADLINE_MS)),
    step: () => settle(api?.call('step', WINDOW_DEADLINE_MS)),
    setSpeed: (speed) => settle(api?.call('setSpeed', DEADLINE_MS, speed)),
    async inject(body) {
      if (api === null) return err([problem('Failed to reach the run: no run is open')]);
      return flat(await api.call('inject', DEADLINE_MS, body));
    },
    async edge(node, request): Promise<HttpReply> {
      if (api === null) return problemReply(503, 'RUN_STOPPED', 'the system is not running');
      const reply = await api.call('edge', EDGE_DEADLINE_MS, node, request);
      return reply.ok ? reply.value : problemReply(503, 'RUN_STOPPED', reply.error);
    },
    // Hashing begins when it is asked for, and may read spilled pieces back.
    hash: () => need((to) => to.call('hash', OPEN_DEADLINE_MS)),
    log: () => need((to) => to.call('log', OPEN_DEADLINE_MS)),
    inputs: () => need((to) => to.call('inputs', DEADLINE_MS)),
    stored: (store) => need((to) => to.call('stored', DEADLINE_MS, store)),
    wipe: () => settle(api?.call('inject', DEADLINE_MS, { kind: 'wipe' })),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
