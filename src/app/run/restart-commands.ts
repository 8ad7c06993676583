import { compileTopology } from '../../core/topology/compile.ts';
import { updateMeta } from '../../core/topology/edit/edit.ts';
import type { Problem, Result } from '../../core/base/result.ts';
import type { Command } from '../commands/command.ts';
import type { Services } from '../services.ts';
import type { RunStore } from './run-store.ts';

/** What starting again needs. */
export interface RestartDeps extends Pick<Services, 'documents' | 'view'> {
  readonly run: Pick<RunStore, 'get' | 'open' | 'inject'>;
  /** A seed that nobody chose, 0 to 2^32 - 1. */
  readonly newSeed: () => number;
}

/** From t = 0 with the seed and the rows of the drawing: the same log again, byte by byte, until somebody acts. Keeps the speed. */
export function startAgain({ documents, run }: RestartDeps, seed?: number): Promise<Result<unknown>> {
  const { document, valid } = documents.get();
  const drawn = valid ?? document;
  const { definition, state } = run.get();
  return run.open(
    {
      documentId: document.id,
      topology: compileTopology(drawn),
      initialData: {},
      seed: seed ?? document.seed,
      inputs: [],
    },
    { speed: definition === null ? document.speed : state.speed, play: true },
  );
}

/** Starting the run again and resetting its rows: for the run's menu, the command palette and shortcuts. */
export function restartCommands(deps: RestartDeps): Command[] {
  const { documents, view, run, newSeed } = deps;
  const refused = (): string | null => {
    const { saved, valid } = documents.get();
    if (saved === 'readonly') return 'reason.readOnly';
    return valid === null ? 'reason.notValid' : null;
  };
  const tell = (done: Result<unknown>, words: string): void => {
    if (done.ok) return view.announce({ key: words });
    const reason = done.error.map(({ message }: Problem) => message).join('; ');
    view.notify({ tone: 'error', words: { key: 'run.failedTo', values: { reason } } });
  };
  return [
    {
      id: 'run.again',
      label: 'run.again',
      icon: 'undo',
      group: 'run',
      shortcuts: ['$mod+Shift+Enter'],
      disabledReason: refused,
      perform: async () => tell(await startAgain(deps), 'run.again.done'),
    },
    {
      id: 'run.newSeed',
      label: 'run.newSeed',
      icon: 'duplicate',
      group: 'run',
      disabledReason: refused,
      perform: async () => {
        const seed = newSeed();
        // Part of the document: the same drawing gives the same run wherever it is opened.
        documents.edit('run.newSeed', (document) => ({ ok: true, value: updateMeta(document, { seed }).diff }));
        tell(await startAgain(deps, seed), 'run.again.done');
      },
    },
    {
      id: 'run.resetRows',
      label: 'run.resetRows',
      icon: 'table',
      group: 'run',
      disabledReason: () => refused() ?? (run.get().definition === null ? 'reason.notRunning' : null),
      perform: async () => tell(await run.inject({ kind: 'wipe' }), 'run.resetRows.done'),
    },
  ];
}
