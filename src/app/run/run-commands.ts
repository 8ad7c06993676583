import type { Result } from '../../core/base/result.ts';
import type { Input } from '../../core/fabric/input.ts';
import { faultKey } from '../../core/topology/schema/fault.ts';
import type { Demo } from '../../core/topology/schema/types.ts';
import type { Command } from '../commands/command.ts';
import type { RunSnapshot, RunStore } from './run-store.ts';

/** Speeds of decision 6; Infinity = max. */
export const SPEEDS: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, Infinity];

/** The next speed of the list in a direction; the same at its end. */
export function nextSpeed(speed: number, direction: 1 | -1): number {
  const faster = direction === 1;
  const found = faster ? SPEEDS.find((next) => next > speed) : SPEEDS.findLast((next) => next < speed);
  return found ?? speed;
}

/** What the demo's buttons need of a run. */
export interface DemoRun extends Pick<RunStore, 'live' | 'inject' | 'play'> {
  readonly get: () => Pick<RunSnapshot, 'faultsNow' | 'state'>;
}

/** Whether the demo's fault is set now, or will be as soon as a paused run goes on; the past that is shown does not matter. */
export const isBroken = ({ faultsNow }: Pick<RunSnapshot, 'faultsNow'>, demo: Demo | undefined): boolean =>
  demo?.break !== undefined && faultsNow.has(faultKey(demo.break.fault));

/** Sends the demo's request from its client, as a recorded input. Shows now, and plays a paused run: the request is to be seen. */
export async function sendDemo(run: DemoRun, demo: Demo): Promise<Result<Input>> {
  // As it was when the button was pressed: who pauses while the request is on its way wants the run to stand still.
  const wasPaused = run.get().state.status === 'paused';
  run.live();
  const sent = await run.inject({ kind: 'request', node: demo.primary.client, requestId: demo.primary.request });
  if (sent.ok && wasPaused) await run.play();
  return sent;
}

/** Sets the demo's fault, or clears it when it is set. Shows now: that is when the fault begins or ends. */
export function toggleBreak(run: DemoRun, demo: Demo & { break: NonNullable<Demo['break']> }): Promise<Result<Input>> {
  run.live();
  return run.inject({ kind: isBroken(run.get(), demo) ? 'fault.clear' : 'fault.set', fault: demo.break.fault });
}

/** What the run bar, the command palette, shortcuts and automation can do with the run. `demo` is read when asked. */
export function runCommands(run: RunStore, demo: () => Demo | undefined): Command[] {
  const disabledReason = (): string | null => (run.get().definition === null ? 'reason.notRunning' : null);
  return [...clockCommands(run, disabledReason), ...demoCommands(run, demo, disabledReason)];
}

function clockCommands(run: RunStore, disabledReason: () => string | null): Command[] {
  const isMoving = (): boolean => {
    const { status } = run.get().state;
    return status === 'running' || status === 'stalled' || status === 'booting';
  };
  const command = (id: string, perform: () => Promise<void> | void, more: Partial<Command> = {}): Command => ({
    id: `run.${id}`,
    label: `run.${id}`,
    group: 'run',
    disabledReason,
    perform,
    ...more,
  });
  const move = (direction: 1 | -1) => () => run.setSpeed(nextSpeed(run.get().state.speed, direction));
  return [
    command('play', () => run.play(), { icon: 'play', when: () => !isMoving() }),
    command('pause', () => run.pause(), { icon: 'pause', when: isMoving }),
    command('toggle', () => run.togglePlay(), { label: 'run.play', shortcuts: ['Space'], listed: false }),
    command('step', () => run.step(), { icon: 'step', shortcuts: ['Period'] }),
    command('faster', move(1)),
    command('slower', move(-1)),
    command('live', () => run.live(), { when: () => run.get().seekT !== null }),
  ];
}

function demoCommands(run: RunStore, demo: () => Demo | undefined, disabledReason: () => string | null): Command[] {
  return [
    {
      id: 'run.send',
      label: 'run.send',
      values: () => ({ label: demo()?.primary.label ?? '' }),
      group: 'run',
      shortcuts: ['$mod+Enter'],
      when: () => demo() !== undefined,
      disabledReason,
      perform: async () => {
        const current = demo();
        if (current !== undefined) await sendDemo(run, current);
      },
    },
    {
      id: 'run.break',
      label: 'run.break',
      values: () => ({ label: demo()?.break?.label ?? '' }),
      group: 'run',
      when: () => demo()?.break !== undefined,
      disabledReason,
      perform: async () => {
        const current = demo();
        if (current?.break !== undefined) await toggleBreak(run, { ...current, break: current.break });
      },
    },
  ];
}
