import type { VirtualTime } from '../../core/base/order.ts';
import { err } from '../../core/base/result.ts';
import type { Result } from '../../core/base/result.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { Input, InputBody } from '../../core/fabric/input.ts';
import type { RunBatch, RunDefinition, RunPort, RunState } from '../../core/fabric/run-api.ts';
import { createRunView, foldContext, foldTo, freezeView } from '../../core/telemetry/fold.ts';
import { createHistory } from '../../core/telemetry/history.ts';
import type { History } from '../../core/telemetry/history.ts';
import type { RunView } from '../../core/telemetry/view.ts';
import { parseLog } from './parse-log.ts';
import { createPlayhead } from './playhead.ts';
import { NOTHING, resolveSelection } from './selection.ts';
import type { Selection } from './selection.ts';

/** Everything the ui reads of the run, a new object each frame in which something changed. */
export interface RunSnapshot {
  /** Grows with each new snapshot. */
  version: number;
  /** The projection that is shown: the live one, or the one at `seekT`. Treat as read only. */
  view: RunView;
  state: RunState;
  /** Traffic and marks of the whole run, also while a past time is shown. */
  timeline: Pick<RunView, 'activity' | 'marks'>;
  /** Null = live. */
  seekT: VirtualTime | null;
  /** Time of the oldest event in memory; a seek below it reads the spilled log. */
  oldest: VirtualTime;
  definition: RunDefinition | null;
  selection: Selection;
  /** Message whose panel is open. */
  openMessage: string | null;
}

export interface RunStore {
  readonly get: () => RunSnapshot;
  /** Called at most once per frame. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Starts a run and forgets the former one. */
  readonly open: (definition: RunDefinition, options: { speed: number; play: boolean }) => Promise<Result<RunState>>;
  readonly close: () => Promise<void>;
  /** The virtual time to draw at `wallMs` (`performance.now`); constant while a past time is shown. */
  readonly playhead: (wallMs: number) => VirtualTime;
  readonly play: () => Promise<void>;
  readonly pause: () => Promise<void>;
  readonly togglePlay: () => Promise<void>;
  readonly step: () => Promise<void>;
  readonly setSpeed: (speed: number) => Promise<void>;
  readonly inject: (body: InputBody) => Promise<Result<Input>>;
  /** Shows the past: folds the log to `t`, changes nothing in the run. */
  readonly seek: (t: VirtualTime) => Promise<void>;
  readonly live: () => void;
  /** Events in memory, oldest first. */
  readonly events: () => Iterable<LogEvent>;
  readonly select: (selection: Partial<Selection>) => void;
  readonly openMessage: (id: string | null) => void;
  readonly port: RunPort;
}

/** What the store needs of the page; tests give their own. */
export interface RunStoreHost {
  /** Runs `callback` in the next frame. */
  frame(callback: () => void): void;
  /** Wall ms, monotonic. */
  wallMs(): number;
}

const IDLE: RunState = {
  status: 'idle',
  now: 0,
  speed: 1,
  behindMs: 0,
  events: 0,
  inputs: 0,
  failure: null,
};

/** The projection of one run for the ui: folds batches as they come, shows them once per frame. */
export function createRunStore(port: RunPort, host: RunStoreHost): RunStore {
  const playhead = createPlayhead();
  const listeners = new Set<() => void>();
  const waiting: (() => void)[] = [];
  let history: History | null = null;
  let seekView: RunView | null = null;
  let isScheduled = false;
  let seekTicket = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let next: Omit<RunSnapshot, 'version' | 'view' | 'timeline' | 'oldest'> = {
    state: IDLE,
    seekT: null,
    definition: null,
    selection: NOTHING,
    openMessage: null,
  };
  const emptyView = createRunView();
  let snapshot: RunSnapshot = { ...next, version: 0, view: emptyView, timeline: emptyView, oldest: 0 };

  function publish(): void {
    isScheduled = false;
    const live = history?.live ?? emptyView;
    const view = seekView ?? live;
    freezeView(live);
    freezeView(view);
    // Copies of the top level only: collections are copied on their next change.
    snapshot = {
      ...next,
      version: snapshot.version + 1,
      view: { ...view },
      timeline: { activity: live.activity, marks: live.marks },
      oldest: history?.oldest() ?? 0,
    };
    for (const listener of listeners) listener();
  }
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    host.frame(publish);
  }
  function change(part: Partial<typeof next>): void {
    next = { ...next, ...part };
    schedule();
  }
  function forget(): void {
    seekTicket += 1;
    history = null;
    seekView = null;
    playhead.reset();
    change({ definition: null, seekT: null, state: IDLE, selection: NOTHING, openMessage: null });
  }
  /** Opening and closing, one after the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }
  /** Resolves when the boot before t = 0 is over: what is pressed meanwhile arrives as soon as somebody listens. */
  function whenBooted(): Promise<void> {
    return next.state.status === 'booting' ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve();
  }
  port.subscribe((batch: RunBatch) => {
    history?.append(batch.events);
    playhead.report(batch.state, host.wallMs());
    change({ state: batch.state });
    if (batch.state.status !== 'booting') for (const resolve of waiting.splice(0)) resolve();
  });

  const store: RunStore = {
    port,
    get: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open: (definition, options) =>
      inTurn(async () => {
        // The former run ends first: none of its batches may be taken for the new one's.
        if (next.definition !== null) await port.close();
        forget();
        history = createHistory(foldContext(definition.topology));
        change({ definition });
        const opened = await port.open(definition, options);
        if (!opened.ok) {
          forget();
          return opened;
        }
        playhead.report(opened.value, host.wallMs());
        // Batches of the boot may already have brought a newer state.
        if (opened.value.events >= next.state.events) change({ state: opened.value });
        return opened;
      }),
    close: () =>
      inTurn(async () => {
        await port.close();
        forget();
      }),
    playhead: (wallMs) => next.seekT ?? playhead.at(wallMs),
    play: () => {
      store.live();
      return port.play();
    },
    pause: () => port.pause(),
    togglePlay: () => (next.state.status === 'running' ? port.pause() : store.play()),
    step: () => {
      store.live();
      return port.step();
    },
    setSpeed: (speed) => port.setSpeed(speed),
    async inject(body) {
      if (history === null) {
        const message = `Failed to inject ${body.kind}: the run is not open (status ${next.state.status})`;
        return err([{ code: 'RUN_STOPPED', message, at: '', severity: 'error' as const }]);
      }
      await whenBooted();
      return port.inject(body);
    },
    async seek(t) {
      if (history === null) return;
      seekTicket += 1;
      const ticket = seekTicket;
      const to = Math.max(0, Math.min(t, next.state.now));
      if (to >= history.oldest()) seekView = history.viewAt(to);
      else {
        const context = foldContext(next.definition?.topology ?? { nodes: {}, links: {} });
        const view = foldTo(parseLog(await port.log()), to, context);
        // Somebody moved the playhead again while the log was read.
        if (ticket !== seekTicket) return;
        seekView = view;
      }
      change({ seekT: to });
    },
    live() {
      seekTicket += 1;
      if (next.seekT === null) return;
      seekView = null;
      change({ seekT: null });
    },
    events: () => history?.events() ?? [],
    select(selection) {
      change({ selection: resolveSelection(seekView ?? history?.live ?? emptyView, selection) });
    },
    openMessage(id) {
      const view = seekView ?? history?.live ?? emptyView;
      const selection = id === null ? next.selection : resolveSelection(view, { messageId: id });
      change({ openMessage: id, selection });
    },
  };
  return store;
}
