import { faultSlot, linkFaultKinds, nodeFaultKinds } from '../../core/topology/schema/fault.ts';
import type { Fault } from '../../core/topology/schema/types.ts';
import type { RunStore } from '../run/run-store.ts';
import type { Services } from '../services.ts';
import type { Command } from './command.ts';
import type { IconName } from './icon-names.ts';
import { nameOf } from './edit-actions.ts';

type Kind = Fault['kind'];
/** Faults without a number: set at once. All others ask for theirs in a small form. */
const PLAIN = {
  pause: (node: string): Fault => ({ kind: 'pause', node }),
  outage: (node: string): Fault => ({ kind: 'outage', node }),
  partition: (link: string): Fault => ({ kind: 'partition', link, direction: 'both' }),
} as const;
/** In the order in which they are offered; the text key of each is `command.fault.<kind>`, `.end` behind it takes it away. */
const NODE_KINDS = ['pause', 'outage', 'slow', 'error-rate', 'step-error', 'clock-skew'] as const;
const LINK_KINDS = ['partition', 'latency', 'loss', 'duplicate', 'reorder'] as const;

const ICONS: Partial<Record<Kind, IconName>> = { pause: 'pause', outage: 'outage', partition: 'cut-link' };

const isPlain = (kind: Kind): kind is keyof typeof PLAIN => Object.hasOwn(PLAIN, kind);

/** Commands for every fault that the selected node or link accepts: set it (by a form where it has a number), or take it away when it is set. */
export function faultCommands({ documents, view }: Services, run: RunStore): Command[] {
  const only = (ids: readonly string[]): string | null => (ids.length === 1 ? (ids[0] ?? null) : null);
  const nodeId = (): string | null => only(view.get().selection.nodes);
  const linkId = (): string | null => only(view.get().selection.links);
  const node = (id: string | null) => (id === null ? undefined : documents.get().document.nodes[id]);
  const link = (id: string | null) => (id === null ? undefined : documents.get().document.links[id]);
  const noRun = () => (run.get().definition === null ? 'reason.notRunning' : null);
  const values = () => ({ name: nameOf(node(nodeId())) });

  const command = (on: 'node' | 'link', kind: Kind): Command => {
    const target = on === 'node' ? nodeId : linkId;
    const accepted = (): readonly Kind[] => {
      const [record, drawn] = [node(nodeId()), link(linkId())];
      return on === 'node' ? (record ? nodeFaultKinds(record) : []) : drawn ? linkFaultKinds(drawn.kind) : [];
    };
    // A node has one fault of a kind, but one per step: which of those to end is chosen in the form.
    const set = (): Fault | undefined => {
      const id = target();
      return id === null ? undefined : run.get().faultsNow.get(faultSlot(id, kind));
    };
    const label = `command.fault.${kind}`;
    return {
      id: `fault.${kind}`,
      get label() {
        return set() ? `${label}.end` : label;
      },
      values,
      icon: ICONS[kind] ?? 'fault',
      group: 'node',
      when: () => target() !== null && accepted().includes(kind),
      disabledReason: noRun,
      perform: async () => {
        const id = target();
        if (id === null) return;
        const current = set();
        if (current) await run.inject({ kind: 'fault.clear', fault: current });
        else if (isPlain(kind)) await run.inject({ kind: 'fault.set', fault: PLAIN[kind](id) });
        else view.openDialog({ kind: 'fault', on, target: id, fault: kind });
      },
    };
  };
  return [
    ...NODE_KINDS.map((kind) => command('node', kind)),
    ...LINK_KINDS.map((kind) => command('link', kind)),
    {
      id: 'fault.all',
      get label() {
        return nodeId() === null ? 'command.faultsOfLink' : 'command.faults';
      },
      values,
      icon: 'fault',
      group: 'node',
      when: () => node(nodeId()) !== undefined || link(linkId()) !== undefined,
      disabledReason: noRun,
      perform: () => {
        const [on, target] = nodeId() === null ? (['link', linkId()] as const) : (['node', nodeId()] as const);
        if (target !== null) view.openDialog({ kind: 'fault', on, target, fault: null });
      },
    },
  ];
}
