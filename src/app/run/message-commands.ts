import type { Command } from '../commands/command.ts';
import type { RunStore } from './run-store.ts';

/** Commands on the selected message; `showTraces` opens the panel in which its trace stands. */
export function messageCommands(run: RunStore, showTraces: () => void): Command[] {
  const selected = () => {
    const { selection, view } = run.get();
    return selection.messageId === null ? undefined : view.messages.get(selection.messageId);
  };
  /** What answers it, or what it answers. */
  const other = (): string | null => {
    const packet = selected();
    const id = packet?.answer?.id ?? packet?.event.inReplyTo ?? null;
    return id !== null && run.get().view.messages.has(id) ? id : null;
  };
  return [
    {
      id: 'message.open',
      label: 'command.openMessage',
      icon: 'document',
      group: 'run',
      when: () => selected() !== undefined,
      perform: () => run.openMessage(selected()?.id ?? null),
    },
    {
      id: 'message.openOther',
      get label() {
        return selected()?.event.inReplyTo === null ? 'command.openReply' : 'command.openRequest';
      },
      icon: 'undo',
      group: 'run',
      when: () => selected() !== undefined,
      disabledReason: () => (other() === null ? 'reason.noReplyYet' : null),
      perform: () => run.openMessage(other()),
    },
    {
      id: 'message.followTrace',
      label: 'command.followTrace',
      icon: 'connect',
      group: 'run',
      when: () => (selected()?.event.trace ?? null) !== null,
      perform: () => {
        const traceId = selected()?.event.trace?.traceId;
        if (traceId === undefined) return;
        run.select({ traceId });
        showTraces();
      },
    },
  ];
}
