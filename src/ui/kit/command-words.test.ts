import { expect, test } from 'vitest';
import { addCommands } from '../../app/commands/add-commands.ts';
import { createCommandRegistry } from '../../app/commands/command.ts';
import { documentCommands } from '../../app/commands/document-commands.ts';
import { editCommands } from '../../app/commands/edit-commands.ts';
import { faultCommands } from '../../app/commands/fault-commands.ts';
import { nodeCommands } from '../../app/commands/node-commands.ts';
import { PALETTE_ITEMS } from '../../app/commands/palette-items.ts';
import { viewCommands } from '../../app/commands/view-commands.ts';
import { createDocumentStore } from '../../app/document/document-store.ts';
import { messageCommands } from '../../app/run/message-commands.ts';
import { restartCommands } from '../../app/run/restart-commands.ts';
import { runCommands } from '../../app/run/run-commands.ts';
import type { RunStore } from '../../app/run/run-store.ts';
import type { Services } from '../../app/services.ts';
import { createViewStore } from '../../app/view/view-store.ts';
import { emptyDocument } from '../../core/topology/edit/edit.ts';
import { REFUSAL_TEXT } from '../../core/topology/wiring/link-rules.ts';
import { PRESETS } from '../../core/topology/wiring/presets.ts';
import { isTextKey } from '../text/texts.ts';

const services: Services = {
  documents: createDocumentStore({ document: emptyDocument('x', 'X'), saved: 'saved', validate: async () => [] }),
  view: createViewStore(null, [], true),
  commands: createCommandRegistry(() => undefined),
  files: {
    pick: async () => null,
    recent: async () => [],
    download: () => undefined,
    open: async () => undefined,
    takeOver: async () => undefined,
    stored: async () => ({ ok: true, value: [] }),
    remove: async () => ({ ok: true, value: null }),
    versions: async () => ({ ok: true, value: [] }),
  },
};
const run = {
  get: () => ({
    definition: null,
    view: { instances: new Map() },
    state: {},
    selection: { messageId: null },
  }),
} as unknown as RunStore;
const all = [
  ...runCommands(run, () => undefined),
  ...restartCommands({ ...services, run, newSeed: () => 1 }),
  ...editCommands({
    ...services,
    frame: () => ({ position: { x: 0, y: 0 }, size: { width: 1, height: 1 } }),
    contextTitle: () => '',
    arrange: async () => ({ nodes: new Map(), groups: new Map(), parents: new Map() }),
  }),
  ...viewCommands(services),
  ...documentCommands(services),
  ...nodeCommands(services, run),
  ...faultCommands(services, run),
  ...messageCommands(run, () => undefined),
  ...addCommands(services),
];

test('every command, reason, preset and refusal has words', () => {
  const reasons = all.flatMap((command) => command.disabledReason?.() ?? []);
  const keys = [
    ...all.map(({ label }) => label),
    // A fault that is set is taken away by the same command; of several at one node, and of steps, the form clears each.
    ...faultCommands(services, run)
      .filter(({ id }) => id !== 'fault.all' && id !== 'fault.step-error')
      .map(({ label }) => `${label}.end`),
    ...reasons,
    ...PALETTE_ITEMS.map(({ label }) => label),
    ...[...Object.keys(REFUSAL_TEXT), 'NODE_UNKNOWN', 'NOT_YET_SUPPORTED', 'LINK_DUPLICATE'].map(
      (code) => `refusal.${code}`,
    ),
  ];
  expect(keys.filter((key) => !isTextKey(key))).toEqual([]);
});

test('ids and shortcuts are unique', () => {
  const ids = all.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const keys = all.flatMap(({ shortcuts }) => shortcuts ?? []);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

test('the palette offers exactly what can be placed', () => {
  expect(PALETTE_ITEMS.map(({ preset }) => preset).sort()).toEqual(PRESETS.map(({ id }) => id).sort());
});
