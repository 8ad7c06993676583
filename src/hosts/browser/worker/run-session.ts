import type { Result } from '../../../core/base/result.ts';
import { err, ok } from '../../../core/base/result.ts';
import { Fabric } from '../../../core/fabric/fabric.ts';
import type { LogEvent } from '../../../core/fabric/event.ts';
import type { Input } from '../../../core/fabric/input.ts';
import type { InstanceId } from '../../../core/fabric/message.ts';
import type { RunDefinition, RunState } from '../../../core/fabric/run-api.ts';
import { declaredInstances } from '../../../core/fabric/peers.ts';
import { sortedKeys } from '../../../core/base/canonical.ts';
import type { RunRecords } from '../storage/run-records.ts';
import { createBatchSender, type BatchSender } from './batch-sender.ts';
import { createEdgeDesk, problemReply, type EdgeDesk } from './edge-desk.ts';
import type { OpenRequest, TextBatch } from './fabric-protocol.ts';
import { FabricLoop } from './fabric-loop.ts';
import type { InstancePool } from './instance-pool.ts';
import { createRunLog, type RunLog } from './run-log.ts';
import { createRunRecorder, type RunRecorder } from './run-recorder.ts';
import { createStoreLedger, type StoreLedger } from './store-ledger.ts';
import { createWindowPerformer, DURABLE_KINDS, type WindowPerformer } from './window-performer.ts';
import { hostProblem } from '../host-texts.ts';

/** Instances in one tab (decision 25); above it the run is refused and running headless is offered. */
export const MAX_INSTANCES = 150;
/** Acknowledged rows not yet durable above which the run waits for the disk. */
const MAX_UNWRITTEN = 20_000;
/** Wall ms after the last start until fresh workers are made for the next ones: what has just started goes first. */
const WARM_UP_MS = 1_000;
/** Wall ms between two notes of the time reached. */
const PROGRESS_MS = 1_000;

/** Where the run is recorded, or why it cannot be. */
export interface RunStorage {
  records: RunRecords | null;
  problem: string | null;
}

/** Everything that one open run needs, wired together: fabric, loop, workers, log, record. */
export interface RunSession {
  readonly fabric: Fabric;
  readonly loop: FabricLoop;
  readonly log: RunLog;
  readonly sender: BatchSender;
  readonly performer: WindowPerformer;
  readonly recorder: RunRecorder;
  state(): RunState;
  close(): Promise<void>;
}

/** Refuses what does not fit into a tab. */
export function admit(definition: RunDefinition): Result<null> {
  const count = declaredInstances(definition.topology).length;
  if (count <= MAX_INSTANCES) return ok(null);
  return err([hostProblem('LIMIT_INSTANCES.run', '', { count, limit: MAX_INSTANCES })]);
}

/** Nodes of a definition whose rows live in IndexedDB. */
export const storesOf = ({ topology }: RunDefinition): string[] =>
  sortedKeys(topology.nodes).filter((node) => DURABLE_KINDS.has(topology.nodes[node]?.kind ?? 'client'));

/** Builds a run around a definition; nothing moves before `loop.open`. */
export function createRunSession(
  request: OpenRequest,
  storage: RunStorage,
  pool: InstancePool,
  post: (batch: TextBatch) => void,
): RunSession {
  return new Session(request, storage, pool, post);
}

class Session implements RunSession {
  readonly fabric: Fabric;
  readonly loop: FabricLoop;
  readonly log: RunLog;
  readonly sender: BatchSender;
  readonly performer: WindowPerformer;
  readonly recorder: RunRecorder;
  private readonly edge: EdgeDesk = createEdgeDesk();
  private readonly ledger: StoreLedger = createStoreLedger();
  private readonly pool: InstancePool;
  private readonly storage = new Map<string, string>();
  private readonly storageProblem: string | null;
  private slow: InstanceId[] = [];
  private inputCount = 0;
  private waitingForDisk: (() => void)[] = [];
  private readonly timer: ReturnType<typeof setInterval>;
  private warming: ReturnType<typeof setTimeout> | undefined;

  constructor(
    request: OpenRequest,
    { records, problem }: RunStorage,
    pool: InstancePool,
    post: (batch: TextBatch) => void,
  ) {
    const { definition, runId } = request;
    this.storageProblem = problem;
    this.pool = pool;
    this.fabric = new Fabric(definition);
    this.log = createRunLog(this.fabric.header(), records?.segments(runId) ?? null);
    this.recorder = createRunRecorder(records, runId);
    this.sender = createBatchSender(post, () => this.state());
    this.performer = this.createPerformer(request, records !== null);
    this.loop = new FabricLoop(
      {
        fabric: this.fabric,
        edge: this.edge,
        perform: (plan) => this.performer.perform(plan),
        bury: (instances, at) => this.performer.bury(instances, at),
        take: (events) => this.take(events),
        obstacle: () => this.obstacle(),
        changed: () => this.sender.touch(),
      },
      request.speed,
    );
    this.timer = setInterval(() => this.progress(), PROGRESS_MS);
  }

  private createPerformer({ definition, runId, watchdog }: OpenRequest, isKept: boolean): WindowPerformer {
    return createWindowPerformer({
      run: isKept ? { documentId: definition.documentId, id: runId } : null,
      pool: this.pool,
      ledger: this.ledger,
      watchdog,
      durableCut: () => this.recorder.durableCut,
      down: (instance, reason) => void this.loop.inject({ kind: 'crash.observed', instance, reason }),
      slow: (instances) => {
        this.slow = instances;
        this.sender.touch();
      },
      persisted: () => {
        this.progress();
        if (this.ledger.pending < MAX_UNWRITTEN / 2) for (const go of this.waitingForDisk.splice(0)) go();
      },
      storage: (node, reason) => {
        if (reason === null) this.storage.delete(node);
        else this.storage.set(node, reason);
        this.sender.touch();
      },
    });
  }

  state(): RunState {
    const { loop } = this;
    const storage = [...this.storage].map(([node, reason]) => `${node}: ${reason}`);
    const problem = this.storageProblem ?? storage[0] ?? this.log.problem ?? this.recorder.problem;
    return {
      status: loop.status,
      now: loop.reached,
      speed: loop.speed,
      behindMs: loop.behindMs,
      events: this.log.events,
      inputs: this.inputCount,
      failure: loop.failure,
      slow: this.slow,
      storage: problem,
      droppedEvents: this.log.dropped,
    };
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.warming);
    await this.loop.close();
    await this.performer.flush();
    const reached = this.loop.reached;
    // What could not be written stays undone: the next run begins with what is really there.
    const cut = this.ledger.cut(reached);
    await this.recorder.end({ how: 'closed', at: Math.min(cut, reached) });
    this.edge.close(problemReply(503, 'RUN_STOPPED', 'the run was closed before the reply came'));
    this.performer.close();
    this.sender.close();
  }

  private take(events: LogEvent[]): void {
    if (events.length > 0) {
      const inputs: Input[] = [];
      for (const event of events) {
        if (event.type === 'input') inputs.push({ at: event.t, seq: event.seq, body: event.input });
        if (event.type === 'instance.ready') this.warmUpLater();
      }
      this.inputCount += inputs.length;
      if (inputs.length > 0) this.recorder.inputs(inputs);
      const text = this.log.append(events.map((event) => ({ event, text: this.fabric.encode(event) })));
      this.sender.offer({ text, events: events.length, from: events[0]?.t ?? 0 });
    }
    this.sender.touch();
  }

  private warmUpLater(): void {
    clearTimeout(this.warming);
    this.warming = setTimeout(() => this.pool.warmUp(), WARM_UP_MS);
  }

  private progress(): void {
    this.recorder.progress(this.ledger.cut(this.loop.reached), this.loop.reached);
  }

  /** The page has its credit, the disk its backlog. A disk that refuses is no reason to wait: rows then stay in memory. */
  private obstacle(): Promise<void> | null {
    if (this.sender.isFull) return this.sender.room();
    if (this.ledger.pending > MAX_UNWRITTEN && this.storage.size === 0) {
      return new Promise((go) => void this.waitingForDisk.push(go));
    }
    return null;
  }
}
