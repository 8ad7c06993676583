import { expect, test } from 'vitest';
import { ok } from '../../core/base/result.ts';
import type { InputBody } from '../../core/fabric/input.ts';
import type { RunDefinition } from '../../core/fabric/run-api.ts';
import { emptyDocument } from '../../core/topology/edit/edit.ts';
import { createDocumentStore } from '../document/document-store.ts';
import { createViewStore } from '../view/view-store.ts';
import { restartCommands, type RestartDeps } from './restart-commands.ts';

async function setUp() {
  const opened: { definition: RunDefinition; options: { speed: number; play: boolean } }[] = [];
  const injected: InputBody[] = [];
  const documents = createDocumentStore({
    document: { ...emptyDocument('shop', 'Shop'), seed: 7, speed: 0.1 },
    saved: 'saved',
    validate: async () => [],
  });
  await new Promise((resolve) => setTimeout(resolve));
  const state = { status: 'running', now: 9, speed: 2, behindMs: 0, events: 1, inputs: 0, failure: null } as const;
  const run = {
    get: () => ({ definition: {}, state }),
    open: async (definition: RunDefinition, options: { speed: number; play: boolean }) => {
      opened.push({ definition, options });
      return ok(state);
    },
    inject: async (body: InputBody) => {
      injected.push(body);
      return ok({ at: 0, seq: 0, body });
    },
  } as unknown as RestartDeps['run'];
  const commands = restartCommands({ documents, view: createViewStore(null, [], true), run, newSeed: () => 4207 });
  const command = (id: string) => commands.find((one) => one.id === id)!;
  return { documents, opened, injected, command };
}

test('starting again takes the same seed, the rows of the drawing and no inputs, at the speed of now', async () => {
  const { opened, command } = await setUp();
  await command('run.again').perform();
  expect(opened).toEqual([
    {
      definition: { documentId: 'shop', topology: { nodes: {}, links: {} }, initialData: {}, seed: 7, inputs: [] },
      options: { speed: 2, play: true },
    },
  ]);
});

test('a new seed belongs to the document and can be undone', async () => {
  const { documents, opened, command } = await setUp();
  await command('run.newSeed').perform();
  expect([documents.get().document.seed, opened[0]?.definition.seed]).toEqual([4207, 4207]);
  documents.undo();
  expect(documents.get().document.seed).toBe(7);
});

test('resetting rows is a recorded input; a reading tab can do none of the three and says why', async () => {
  const { documents, injected, command } = await setUp();
  await command('run.resetRows').perform();
  expect(injected).toEqual([{ kind: 'wipe' }]);
  documents.setSaved('readonly');
  expect(['again', 'newSeed', 'resetRows'].map((id) => command(`run.${id}`).disabledReason?.())).toEqual(
    Array.from({ length: 3 }, () => 'reason.readOnly'),
  );
});
