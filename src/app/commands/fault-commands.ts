import { faultKey } from '../../core/topology/fault.ts';
import type { Fault } from '../../core/topology/types.ts';
import type { RunStore } from '../run/run-store.ts';
import type { Services } from '../services.ts';
import type { Command } from './command.ts';
import { nameOf } from './edit-actions.ts';

/** Commands that set a usual fault on the selected node or link, or take it away when it is set: inputs, recorded like all others. */
export function faultCommands({ documents, view }: Services, run: RunStore): Command[] {
  const only = (ids: readonly string[]): string | null => (ids.length === 1 ? (ids[0] ?? null) : null);
  const node = (): string | null => {
    const id = only(view.get().selection.nodes);
    return id !== null && documents.get().document.nodes[id]?.kind !== 'client' ? id : null;
  };
  const link = (): string | null => only(view.get().selection.links);
  const toggle = (id: string, label: string, target: () => string | null, make: (target: string) => Fault): Command => {
    const isSet = (): boolean => {
      const on = target();
      return on !== null && run.get().faultsNow.has(faultKey(make(on)));
    };
    return {
      id: `fault.${id}`,
      get label() {
        return isSet() ? `${label}.end` : label;
      },
      values: () => ({ name: nameOf(documents.get().document.nodes[target() ?? '']) }),
      group: 'node',
      when: () => target() !== null,
      disabledReason: () => (run.get().definition === null ? 'reason.notRunning' : null),
      perform: async () => {
        const on = target();
        if (on !== null) await run.inject({ kind: isSet() ? 'fault.clear' : 'fault.set', fault: make(on) });
      },
    };
  };
  return [
    toggle('pause', 'command.faultPause', node, (on) => ({ kind: 'pause', node: on })),
    toggle('outage', 'command.faultOutage', node, (on) => ({ kind: 'outage', node: on })),
    toggle('partition', 'command.faultPartition', link, (on) => ({ kind: 'partition', link: on, direction: 'both' })),
    toggle('latency', 'command.faultLatency', link, (on) => ({ kind: 'latency', link: on, addMs: 500, jitterMs: 0 })),
    toggle('loss', 'command.faultLoss', link, (on) => ({ kind: 'loss', link: on, rate: 0.2 })),
  ];
}
