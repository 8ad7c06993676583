import type { VirtualTime } from '../../core/base/order.ts';
import { err, type Result } from '../../core/base/result.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { Input, InputBody } from '../../core/fabric/input.ts';
import type { RunDefinition, RunPort, RunState } from '../../core/fabric/run-api.ts';
import { createLateness } from './lateness.ts';
import { createPlayhead } from './playhead.ts';
import { resolveSelection, type Selection } from './selection.ts';
import { ShownRun, type RunSnapshot, type RunStoreHost } from './shown-run.ts';
import { appProblem } from '../app-texts.ts';

export type { RunSnapshot } from './shown-run.ts';

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
  /** Shows the past: folds the log to `t`, changes nothing in the run. LOG_LOST when the log does not reach back that far any more. */
  readonly seek: (t: VirtualTime) => Promise<Result<null>>;
  readonly live: () => void;
  /** Events in memory, oldest first. */
  readonly events: () => Iterable<LogEvent>;
  readonly select: (selection: Partial<Selection>) => void;
  readonly openMessage: (id: string | null) => void;
  readonly port: RunPort;
}

/** The run of the page: folds batches as they come, shows them once per frame, hands commands to the port. */
export function createRunStore(port: RunPort, host: RunStoreHost): RunStore {
  const playhead = createPlayhead();
  const lateness = createLateness();
  const shown = new ShownRun(host);
  const inTurn = queue();
  const waiting: (() => void)[] = [];
  /** Resolves when the boot before t = 0 is over: what is pressed meanwhile arrives as soon as somebody listens. */
  const whenBooted = (): Promise<void> =>
    shown.stated.state.status === 'booting' ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve();
  const report = (state: RunState): void => {
    const wallMs = host.wallMs();
    playhead.report(state, wallMs);
    lateness.report(state.behindMs, wallMs);
  };
  const restart = (): void => {
    playhead.reset();
    lateness.reset();
  };
  const forget = (): void => {
    restart();
    shown.forget();
  };
  port.subscribe((batch) => {
    report(batch.state);
    shown.take(batch, lateness.at(host.wallMs()));
    if (batch.state.status !== 'booting') for (const resolve of waiting.splice(0)) resolve();
  });
  const open: RunStore['open'] = async (definition, options) => {
    // The former run ends first: none of its batches may be taken for the new one's.
    if (shown.stated.definition !== null) await port.close();
    restart();
    shown.begin(definition);
    const opened = await port.open(definition, options);
    if (!opened.ok) forget();
    // Batches of the boot may already have brought a newer state.
    else if (opened.value.events >= shown.stated.state.events) {
      report(opened.value);
      shown.change({ state: opened.value });
    }
    return opened;
  };
  const play = (): Promise<void> => {
    shown.live();
    return port.play();
  };
  return {
    port,
    get: () => shown.snapshot,
    subscribe(listener) {
      shown.listeners.add(listener);
      return () => shown.listeners.delete(listener);
    },
    open: (definition, options) => inTurn(() => open(definition, options)),
    close: () => inTurn(() => port.close().then(forget)),
    playhead(wallMs) {
      const at = playhead.at(wallMs);
      const { seekT, state } = shown.snapshot;
      // At full speed the picture is that of the last snapshot: nothing moves between two of them.
      return shown.stated.seekT ?? (seekT === null && state.speed === Infinity ? Math.min(at, state.now) : at);
    },
    play,
    pause: () => port.pause(),
    togglePlay: () => (shown.stated.state.status === 'running' ? port.pause() : play()),
    step() {
      shown.live();
      return port.step();
    },
    setSpeed: (speed) => port.setSpeed(speed),
    async inject(body) {
      if (shown.history === null) return notOpen(body, shown.stated.state);
      await whenBooted();
      const injected = await port.inject(body);
      if (injected.ok) shown.accept(injected.value);
      return injected;
    },
    seek: (t) => shown.seek(t, () => port.log()),
    live: () => shown.live(),
    events: () => shown.history?.events() ?? [],
    select: (selection) => shown.change({ selection: resolveSelection(shown.view, selection) }),
    openMessage(id) {
      const selection = id === null ? shown.stated.selection : resolveSelection(shown.view, { messageId: id });
      shown.change({ openMessage: id, selection });
    },
  };
}

/** Runs what it is given one after the other. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}

function notOpen(body: InputBody, state: RunState): Result<Input> {
  return err([appProblem('RUN_STOPPED', '', { input: body.kind, status: state.status })]);
}
