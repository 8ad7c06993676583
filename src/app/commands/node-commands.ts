import type { RunStore } from '../run/run-store.ts';
import type { Services } from '../services.ts';
import type { Command } from './command.ts';
import { nameOf } from './edit-actions.ts';

/** Commands on the running instances of the selected component. */
export function nodeCommands({ documents, view }: Services, run: RunStore): Command[] {
  const selected = () => view.get().selection.nodes;
  const instances = () => [...run.get().view.instances.values()].filter(({ node }) => selected().includes(node));
  const isUp = (status: string) => status === 'passing' || status === 'starting';
  const name = () => ({
    name: selected()
      .map((id) => nameOf(documents.get().document.nodes[id]))
      .join(', '),
  });
  const noRun = () =>
    selected().length === 0 ? 'reason.selectNode' : instances().length === 0 ? 'reason.notRunning' : null;
  return [
    {
      id: 'node.kill',
      label: 'command.kill',
      values: name,
      icon: 'kill',
      group: 'node',
      when: () => selected().length > 0,
      disabledReason: () => noRun() ?? (instances().some(({ status }) => isUp(status)) ? null : 'reason.noneRunning'),
      perform: async () => {
        for (const { instance, status } of instances())
          if (isUp(status)) await run.inject({ kind: 'instance.kill', instance });
      },
    },
    {
      id: 'node.start',
      label: 'command.start',
      values: name,
      icon: 'start',
      group: 'node',
      when: () => selected().length > 0,
      disabledReason: () => noRun() ?? (instances().every(({ status }) => isUp(status)) ? 'reason.allRunning' : null),
      perform: async () => {
        for (const { instance, status } of instances())
          if (!isUp(status)) await run.inject({ kind: 'instance.start', instance });
      },
    },
    {
      id: 'node.move',
      label: 'command.move',
      values: name,
      icon: 'move',
      group: 'node',
      when: () => selected().length > 0,
      disabledReason: () => noRun() ?? (instances().some(({ status }) => isUp(status)) ? null : 'reason.noneRunning'),
      perform: async () => {
        for (const { instance, status } of instances())
          if (isUp(status)) await run.inject({ kind: 'instance.move', instance });
      },
    },
  ];
}
