import type { Demo } from '../../core/topology/types.ts';
import type { Command } from '../commands/command.ts';
import type { RunStore } from './run-store.ts';

/** Speeds of decision 6; Infinity = max. */
export const SPEEDS: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, Infinity];

/** The next speed of the list in a direction; the same at its end. */
export function nextSpeed(speed: number, direction: 1 | -1): number {
  const faster = direction === 1;
  const found = faster ? SPEEDS.find((next) => next > speed) : SPEEDS.findLast((next) => next < speed);
  return found ?? speed;
}

/** Whether the demo's fault is set at the shown time. */
export const isBroken = (run: RunStore, demo: Demo | undefined): boolean =>
  demo?.break !== undefined && run.get().view.faults.has(`${demo.break.fault.node}/${demo.break.fault.step}`);

/** Sends the demo's request from its client, as a recorded input. */
export const sendDemo = (run: RunStore, demo: Demo) =>
  run.inject({ kind: 'request', node: demo.primary.client, requestId: demo.primary.request });

/** Sets the demo's fault, or clears it when it is set. */
export const toggleBreak = (run: RunStore, demo: Demo & { break: NonNullable<Demo['break']> }) =>
  run.inject({ kind: isBroken(run, demo) ? 'fault.clear' : 'fault.set', fault: demo.break.fault });

/** What the run bar, the command palette, shortcuts and automation can do with the run. `demo` is read when asked. */
export function runCommands(run: RunStore, demo: () => Demo | undefined): Command[] {
  const isOpen = (): boolean => run.get().definition !== null;
  const disabledReason = (): string | null => (isOpen() ? null : 'reason.notRunning');
  const isMoving = (): boolean => {
    const { status } = run.get().state;
    return status === 'running' || status === 'stalled' || status === 'booting';
  };
  const move = (direction: 1 | -1) => () => run.setSpeed(nextSpeed(run.get().state.speed, direction));
  return [
    {
      id: 'run.play',
      label: 'run.play',
      icon: 'play',
      group: 'run',
      when: () => !isMoving(),
      disabledReason,
      perform: () => run.play(),
    },
    {
      id: 'run.pause',
      label: 'run.pause',
      icon: 'pause',
      group: 'run',
      when: isMoving,
      disabledReason,
      perform: () => run.pause(),
    },
    {
      id: 'run.toggle',
      label: 'run.play',
      group: 'run',
      shortcuts: ['Space'],
      listed: false,
      disabledReason,
      perform: () => run.togglePlay(),
    },
    {
      id: 'run.step',
      label: 'run.step',
      icon: 'step',
      group: 'run',
      shortcuts: ['Period'],
      disabledReason,
      perform: () => run.step(),
    },
    { id: 'run.faster', label: 'run.faster', group: 'run', disabledReason, perform: move(1) },
    { id: 'run.slower', label: 'run.slower', group: 'run', disabledReason, perform: move(-1) },
    {
      id: 'run.live',
      label: 'run.live',
      group: 'run',
      when: () => run.get().seekT !== null,
      perform: () => run.live(),
    },
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
