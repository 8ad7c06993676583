import type { VirtualTime } from '../../core/base/order.ts';
import { err, ok, type Result } from '../../core/base/result.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { Input } from '../../core/fabric/input.ts';
import type { RunBatch, RunDefinition, RunState } from '../../core/fabric/run-api.ts';
import { createRunView, foldContext, foldTo, freezeView } from '../../core/telemetry/fold.ts';
import { createHistory, type History } from '../../core/telemetry/history.ts';
import type { RunView } from '../../core/telemetry/view.ts';
import { faultKey } from '../../core/topology/schema/fault.ts';
import type { Fault } from '../../core/topology/schema/types.ts';
import { appProblem } from '../app-texts.ts';
import { parseLog } from './parse-log.ts';
import { NOTHING, type Selection } from './selection.ts';

/** Everything the ui reads of the run, a new object each frame in which something changed. */
export interface RunSnapshot {
  /** Grows with each new snapshot. */
  version: number;
  /** The projection that is shown: the live one, or the one at `seekT`. Treat as read only. */
  view: RunView;
  state: RunState;
  /** Wall ms by which the run is late now; 0 once it keeps its pace again. */
  lateMs: number;
  /** Traffic and marks of the whole run, also while a past time is shown. */
  timeline: Pick<RunView, 'activity' | 'marks'>;
  /** By `faultKey` the faults that are set now, also while a past time is shown; with what was pressed and is not in the log yet. */
  faultsNow: ReadonlyMap<string, Fault>;
  /** Null = live. */
  seekT: VirtualTime | null;
  /** Time of the oldest event in memory; a seek below it reads the spilled log. */
  oldest: VirtualTime;
  definition: RunDefinition | null;
  selection: Selection;
  /** Message whose panel is open. */
  openMessage: string | null;
}

type Stated = Omit<RunSnapshot, 'version' | 'view' | 'timeline' | 'faultsNow' | 'oldest'>;

const IDLE: RunState = {
  status: 'idle',
  now: 0,
  speed: 1,
  behindMs: 0,
  events: 0,
  inputs: 0,
  failure: null,
};
/** Wall ms between two snapshots at full speed: nobody reads figures that change with each frame, and drawing them takes the time from the run. */
const FULL_SPEED_MS = 100;
const CLOSED: Stated = { state: IDLE, lateMs: 0, seekT: null, definition: null, selection: NOTHING, openMessage: null };

/** What the store needs of the page; tests give their own. */
export interface RunStoreHost {
  /** Runs `callback` in the next frame. */
  readonly frame: (callback: () => void) => void;
  /** Wall ms, monotonic. */
  readonly wallMs: () => number;
}

/** What is shown of a run: the fold of its log, live or at a past time, published at most once per frame. */
export class ShownRun {
  /** What is true now; the snapshot says it from the next frame on. */
  stated: Stated = CLOSED;
  history: History | null = null;
  snapshot: RunSnapshot;
  readonly listeners = new Set<() => void>();
  private readonly empty = createRunView();
  private readonly host: RunStoreHost;
  private past: RunView | null = null;
  private isScheduled = false;
  /** Something else than the passing of the run waits to be shown. */
  private isAsked = false;
  private publishedMs = -Infinity;
  /** `seq` of the last input that the log has. */
  private loggedSeq = -1;
  /** Faults pressed and not yet in the log, oldest first: a paused run logs an input when it goes on. */
  private queued: { seq: number; fault: Fault; isSet: boolean }[] = [];
  /** Grows with each seek: an answer to an older one is dropped. */
  private ticket = 0;

  constructor(host: RunStoreHost) {
    this.host = host;
    this.snapshot = { ...CLOSED, version: 0, view: this.empty, timeline: this.empty, faultsNow: new Map(), oldest: 0 };
  }

  /** The projection that is shown, changing in place. */
  get view(): RunView {
    return this.past ?? this.history?.live ?? this.empty;
  }

  change(part: Partial<Stated>): void {
    this.stated = { ...this.stated, ...part };
    this.isAsked = true;
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.host.frame(() => {
      this.isScheduled = false;
      if (this.isAsked || !this.isRacing()) this.publish();
      else this.schedule();
    });
  }

  /** At full speed, and shown a moment ago. */
  private isRacing(): boolean {
    const { state } = this.stated;
    if (state.speed !== Infinity || state.status !== 'running' || this.snapshot.state.status !== 'running')
      return false;
    return this.host.wallMs() - this.publishedMs < FULL_SPEED_MS;
  }

  /** Forgets the former run and begins with an empty log. */
  begin(definition: RunDefinition): void {
    this.forget();
    this.history = createHistory(foldContext(definition.topology));
    this.change({ definition });
  }

  forget(): void {
    this.ticket += 1;
    this.history = null;
    this.past = null;
    this.queued = [];
    this.loggedSeq = -1;
    this.change(CLOSED);
  }

  take(batch: RunBatch, lateMs: number): void {
    this.history?.append(batch.events);
    for (const event of batch.events) if (event.type === 'input') this.loggedSeq = event.seq;
    this.queued = this.queued.filter(({ seq }) => seq > this.loggedSeq);
    this.stated = { ...this.stated, state: batch.state, lateMs };
    this.schedule();
  }

  /** Notes an accepted input until the log has it. */
  accept({ seq, body }: Input): void {
    if (seq <= this.loggedSeq || (body.kind !== 'fault.set' && body.kind !== 'fault.clear')) return;
    this.queued = [...this.queued, { seq, fault: body.fault, isSet: body.kind === 'fault.set' }];
    this.change({});
  }

  /** Shows the fold up to `t`; below the oldest event in memory it reads the whole log. LOG_LOST: not all of it is there any more, what is shown stays. */
  async seek(t: VirtualTime, readLog: () => Promise<string>): Promise<Result<null>> {
    if (this.history === null) return ok(null);
    this.ticket += 1;
    const { ticket } = this;
    const to = Math.max(0, Math.min(t, this.stated.state.now));
    const oldest = this.history.oldest();
    if (to >= oldest) this.past = this.history.viewAt(to);
    else {
      const read = await this.readFrom(readLog, { seconds: to / 1e6, oldest: oldest / 1e6 });
      // Somebody moved the playhead again while the log was read.
      if (ticket !== this.ticket) return ok(null);
      if (!read.ok) return read;
      const context = foldContext(this.stated.definition?.topology ?? { nodes: {}, links: {} });
      this.past = foldTo(read.value, to, context);
    }
    this.change({ seekT: to });
    return ok(null);
  }

  /** The whole log; a part of it would fold to a wrong picture. */
  private async readFrom(
    readLog: () => Promise<string>,
    place: { seconds: number; oldest: number },
  ): Promise<Result<LogEvent[]>> {
    const { events } = this.stated.state;
    try {
      const read = parseLog(await readLog());
      return read.length < events ? err([appProblem('LOG_LOST.dropped', '', place)]) : ok(read);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return err([appProblem('LOG_LOST.piece', '', { ...place, reason })]);
    }
  }

  live(): void {
    this.ticket += 1;
    if (this.stated.seekT === null) return;
    this.past = null;
    this.change({ seekT: null });
  }

  /** The same map until a fault comes or goes. */
  private faultsNow(): ReadonlyMap<string, Fault> {
    const { faults } = this.history?.live ?? this.empty;
    if (this.queued.length === 0) return faults;
    const now = new Map(faults);
    for (const { fault, isSet } of this.queued) {
      if (isSet) now.set(faultKey(fault), fault);
      else now.delete(faultKey(fault));
    }
    return now;
  }

  private publish(): void {
    this.isAsked = false;
    this.publishedMs = this.host.wallMs();
    const live = this.history?.live ?? this.empty;
    freezeView(live);
    freezeView(this.view);
    // Copies of the top level only: collections are copied on their next change.
    this.snapshot = {
      ...this.stated,
      version: this.snapshot.version + 1,
      view: { ...this.view },
      timeline: { activity: live.activity, marks: live.marks },
      faultsNow: this.faultsNow(),
      oldest: this.history?.oldest() ?? 0,
    };
    for (const listener of this.listeners) listener();
  }
}
