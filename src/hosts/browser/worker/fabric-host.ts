import { err, ok, type Result } from '../../../core/base/result.ts';
import type { RunDefinition, RunState } from '../../../core/fabric/run-api.ts';
import { hostProblem } from '../host-texts.ts';
import { done, reasonOf } from '../rpc.ts';
import { cutPower, hashOfData } from '../storage/power-cut.ts';
import { openRunRecords, type RunRecords } from '../storage/run-records.ts';
import { problemReply } from './edge-desk.ts';
import type { FabricWorkerApi, OpenRequest, TextBatch } from './fabric-protocol.ts';
import { createInstancePool, type SpawnWorker } from './instance-pool.ts';
import { lockRun } from './run-lock.ts';
import { admit, createRunSession, storesOf, type RunSession } from './run-session.ts';

/** A hidden page's run is paused after this wall time, so that a forgotten tab does not compute all night (decision 6). */
const HIDDEN_PAUSE_MS = 5 * 60_000;
const NOT_OPEN = 'no run is open';
const RUNS_ELSEWHERE = hostProblem('RUN_IN_OTHER_TAB', '', {});

interface FabricHostOptions {
  hiddenPauseMs?: number;
  /** The first workers are made at once, before a run is opened: their script is then on its way while the page still loads. */
  isWarm?: boolean;
}

/** The service of a fabric worker: at most one run at a time; opening another closes the first. */
export function createFabricHost(
  spawn: SpawnWorker,
  post: (batch: TextBatch) => void,
  { hiddenPauseMs = HIDDEN_PAUSE_MS, isWarm = false }: FabricHostOptions = {},
): FabricWorkerApi {
  let firstPool = isWarm ? createInstancePool(spawn) : null;
  firstPool?.warmUp();
  let session: RunSession | null = null;
  let records: RunRecords | null = null;
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  let isHidden = false;
  let release: () => void = () => undefined;

  const close = async (): Promise<void> => {
    clearTimeout(hiddenTimer);
    const closing = session;
    session = null;
    await closing?.close();
    records?.close();
    records = null;
    release();
    release = () => undefined;
  };
  const withRun = async <T>(act: (run: RunSession) => Promise<T> | T): Promise<Result<T, string>> =>
    session === null ? err(NOT_OPEN) : ok(await act(session));
  const command = (act: (run: RunSession) => Promise<void> | void): Promise<Result<null, string>> =>
    withRun(async (run) => {
      await act(run);
      return null;
    });

  return {
    async open(request) {
      await close();
      const admitted = admit(request.definition);
      if (!admitted.ok) return ok(admitted);
      const lock = await lockRun(request.definition.documentId);
      if (lock === null) return ok(err([RUNS_ELSEWHERE]));
      release = lock;
      const begun = await begin(request);
      records = begun.records;
      const run = createRunSession(
        { ...request, definition: begun.definition },
        begun,
        firstPool ?? createInstancePool(spawn),
        post,
      );
      firstPool = null;
      session = run;
      run.sender.hidden(isHidden);
      run.loop.open(request.play);
      return ok(ok<RunState>(run.state()));
    },
    play: () => command((run) => run.loop.play()),
    // A page that was told that the run stands still must not go on drawing a run that moves.
    pause: () => command((run) => run.loop.pause().then(() => run.sender.flush())),
    step: () => command((run) => run.loop.step().then(() => run.sender.flush())),
    setSpeed: (speed) => command((run) => run.loop.setSpeed(speed)),
    inject: (body) => withRun((run) => run.loop.inject(body)),
    async edge(node, request) {
      if (session === null) return ok(problemReply(503, 'RUN_STOPPED', 'the system is not running'));
      return ok(await session.loop.request(node, request));
    },
    hash: () =>
      withRun(async (run) => {
        // Both as they are now: the run may go on while it is hashed.
        const [events, until] = [run.log.events, run.loop.reached];
        return { sha256: await run.log.sha256(), events, until };
      }),
    log: () => withRun((run) => run.log.text()),
    inputs: () => withRun((run) => run.fabric.inputs()),
    async stored(store) {
      if (session === null) return err(NOT_OPEN);
      await session.loop.booted;
      return session.performer.rows(store);
    },
    acknowledge: (events) => command((run) => run.sender.acknowledge(events)),
    async hidden(nowHidden) {
      isHidden = nowHidden;
      clearTimeout(hiddenTimer);
      session?.sender.hidden(nowHidden);
      if (nowHidden) hiddenTimer = setTimeout(() => void session?.loop.pause(), hiddenPauseMs);
      return done;
    },
    async close() {
      await close();
      return done;
    },
  };
}

interface Begun {
  definition: RunDefinition;
  records: RunRecords | null;
  /** Why nothing can be kept; the run then lives in memory and says so. */
  problem: string | null;
}

/** Cuts what the last run left, records the new one. Without IndexedDB the run lives in memory only. */
async function begin(request: OpenRequest): Promise<Begun> {
  const { definition, runId, startedAt } = request;
  let records: RunRecords | null = null;
  try {
    records = await openRunRecords(definition.documentId);
    const remains = await cutPower(records, definition.documentId);
    const initialData = definition.initialData ?? remains.data;
    await records.begin(
      {
        id: runId,
        startedAt,
        seed: definition.seed,
        topology: definition.topology,
        initialDataHash: initialData === null ? null : hashOfData(initialData),
        stores: storesOf(definition),
        cut: null,
        reached: 0,
        ended: null,
      },
      initialData,
    );
    return { definition: { ...definition, initialData }, records, problem: null };
  } catch (error) {
    records?.close();
    return { definition, records: null, problem: `Failed to open the storage of runs: ${reasonOf(error)}` };
  }
}
