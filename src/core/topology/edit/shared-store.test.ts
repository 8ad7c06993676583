import { expect, it } from 'vitest';
import { connect } from './connect.ts';
import { addNode, emptyDocument, type NewId } from './edit.ts';
import { PRESETS } from '../wiring/presets.ts';
import { handlersOf } from '../steps.ts';
import type { Document, NodeOf } from '../schema/types.ts';
import { validateDocument } from '../check/validate.ts';

const SERVICES = PRESETS.filter(({ kind }) => kind === 'service').map(({ id }) => id);

/** A document in which each of the presets owns the one store, linked in their order; the owners' ids are their places in the list. */
function sharing(store: string, owners: readonly string[]): Document {
  let document = emptyDocument('shared', 'Shared');
  const place = (what: string, id: string): void => {
    const added = addNode(document, what, { x: 0, y: 0 }, () => id);
    if (added === null) throw new Error(`no preset ${what}`);
    ({ document } = added);
  };
  place(store, 'store');
  owners.forEach((owner, index) => place(owner, String(index)));
  owners.forEach((_, index) => {
    const newId: NewId = () => `link-${index}`;
    const linked = connect(document, String(index), 'store', newId);
    if (!linked.ok) throw new Error(JSON.stringify(linked.error));
    ({ document } = linked.value);
  });
  return document;
}
const tablesOf = (document: Document): string[] =>
  (document.nodes['store'] as NodeOf<'database'>).config.tables.map(({ name }) => name);
const usersOf = (document: Document, id: string): unknown =>
  handlersOf((document.nodes[id] as NodeOf<'service'>).config)
    .find((handler) => handler.id === 'token')
    ?.steps.find((step) => step.id === 'known');

it.each(['database-table', 'database-document'])(
  'two services of any presets that own one %s make a document without errors',
  (store) => {
    for (const first of SERVICES) {
      for (const second of SERVICES) {
        const errors = validateDocument(sharing(store, [first, second])).filter(({ severity }) => severity === 'error');
        expect(errors, `${first}, then ${second}`).toEqual([]);
      }
    }
  },
  60_000,
);

it('Auth gets users of its own when the table of that name has no secrets, and shares one that holds its users', () => {
  const own = sharing('database-table', ['user', 'auth']);
  expect(tablesOf(own)).toEqual(['users', 'auth_users']);
  expect((own.nodes['store'] as NodeOf<'database'>).config.rows['auth_users']).toMatchObject([
    { name: 'ada' },
    { name: 'grace' },
  ]);
  expect(usersOf(own, '1')).toMatchObject({ do: 'find', table: 'auth_users' });
  expect(tablesOf(sharing('database-table', ['product', 'auth']))).toEqual(['products', 'users']);

  const shared = sharing('database-table', ['auth', 'auth']);
  expect(tablesOf(shared)).toEqual(['users']);
  expect(usersOf(shared, '1')).toMatchObject({ do: 'find', table: 'users' });
  const three = sharing('database-table', ['user', 'auth', 'auth']);
  expect(tablesOf(three)).toEqual(['users', 'auth_users', 'auth_2_users']);
});
