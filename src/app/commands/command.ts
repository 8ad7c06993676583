import type { IconName } from './icon-names.ts';

export type CommandGroup = 'document' | 'edit' | 'view' | 'add' | 'run' | 'node';

/** One thing a person can do. Menus, the command palette, shortcuts, tooltips and automation use this same object. */
export interface Command {
  readonly id: string;
  /** Key of the label in the text catalogue. */
  readonly label: string;
  /** Values of the label's places, read when it is shown. */
  readonly values?: () => Readonly<Record<string, string | number>>;
  readonly icon?: IconName;
  readonly group: CommandGroup;
  /** tinykeys patterns by physical key, such as `$mod+KeyZ`; the first is the one that is shown. */
  readonly shortcuts?: readonly string[];
  /** True for a shortcut that also works while a text field has the focus. */
  readonly inFields?: boolean;
  /** True when the browser fires it by itself (copy, cut, paste): the shortcut is shown, not bound. */
  readonly isNative?: boolean;
  /** False hides it from the command palette (keys and menus still reach it). */
  readonly listed?: boolean;
  /** True while it makes sense at all; otherwise it is not shown. */
  readonly when?: () => boolean;
  /** Key of the reason why it cannot be done now, or null. */
  readonly disabledReason?: () => string | null;
  readonly perform: (event?: KeyboardEvent) => void | Promise<void>;
}

export type PerformResult = { done: true } | { done: false; reason: string };

/** All commands of the application. */
export interface CommandRegistry {
  /** Adds commands; throws on an id that is taken. Returns how to take them out again. */
  add(commands: readonly Command[]): () => void;
  get(id: string): Command | undefined;
  /** Commands that make sense now, in the order in which they were added. */
  list(): readonly Command[];
  /** All commands, whether they make sense now or not. */
  all(): readonly Command[];
  /** Performs when possible; otherwise tells why not. Throws for an unknown id. */
  perform(id: string, event?: KeyboardEvent): PerformResult;
  /** Called after commands were added or taken out. */
  subscribe(listener: () => void): () => void;
}

/** Creates an empty registry; `onFailure` gets what a performed command throws or rejects with. */
export function createCommandRegistry(onFailure: (error: unknown) => void): CommandRegistry {
  const commands = new Map<string, Command>();
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  return {
    add(added) {
      for (const command of added) {
        if (commands.has(command.id)) throw new Error(`Failed to add a command: the id is taken (${command.id})`);
        commands.set(command.id, command);
      }
      changed();
      return () => {
        for (const command of added) commands.delete(command.id);
        changed();
      };
    },
    get: (id) => commands.get(id),
    list: () => [...commands.values()].filter((command) => command.when?.() ?? true),
    all: () => [...commands.values()],
    perform(id, event) {
      const command = commands.get(id);
      if (!command) throw new Error(`Failed to perform a command: no such id (${id})`);
      const reason = command.disabledReason?.() ?? null;
      if (reason !== null) return { done: false, reason };
      try {
        const work = command.perform(event);
        if (work instanceof Promise) work.catch(onFailure);
      } catch (error) {
        onFailure(error);
      }
      return { done: true };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
