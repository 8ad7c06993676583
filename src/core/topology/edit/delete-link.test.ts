import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../base/result.ts';
import { connect } from './connect.ts';
import { addNode, emptyDocument, removeRecords, updateNode } from './edit.ts';
import type { Document, NodeOf, Step } from '../schema/types.ts';
import { parseDocument, validateDocument } from '../check/validate.ts';

const examples = readdirSync('public/examples').filter((file) => file.endsWith('.json'));
/** The problem without its place, which moves when a step before it goes. */
const kindOf = ({ severity, code, at, message }: Problem): string =>
  `${severity} ${code} ${at.split('/').slice(0, 2).join('/')} ${message}`;

/** Id of the innermost step that a place lies in. */
function stepAt(document: Document, at: string): string | undefined {
  let found: string | undefined;
  let value: unknown = document;
  for (const key of at.split('/')) {
    value = (value as Record<string, unknown> | undefined)?.[key];
    if (typeof value === 'object' && value !== null && 'do' in value && 'id' in value) found = String(value.id);
  }
  return found;
}

/** Auth with a database, and what it has without one. */
function authWithTable(): { bare: Document; linked: Document } {
  let bare = emptyDocument('auth', 'Auth');
  for (const what of ['auth', 'database-table']) {
    const added = addNode(bare, what, { x: 0, y: 0 }, () => what);
    if (added === null) throw new Error(`no preset ${what}`);
    bare = added.document;
  }
  const drawn = connect(bare, 'auth', 'database-table', () => 'link');
  if (!drawn.ok) throw new Error(JSON.stringify(drawn.error));
  return { bare, linked: drawn.value.document };
}

describe('deleting one link', () => {
  it.each(examples)('of %s leaves no new error, and lists each step that a new warning is about', (file) => {
    const read = parseDocument(readFileSync(`public/examples/${file}`, 'utf8'));
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const before = new Set(validateDocument(read.value).map(kindOf));
    for (const link of Object.keys(read.value.links)) {
      const { document, broken } = removeRecords(read.value, [link]);
      for (const problem of validateDocument(document).filter((found) => !before.has(kindOf(found)))) {
        if (problem.code === 'REQUEST_NOT_ROUTED') {
          // Said by the route in the list: the request itself stays, and finds none.
          expect(broken, link).toContainEqual(expect.objectContaining({ kind: 'route', isRemoved: true }));
          continue;
        }
        expect(problem, link).toMatchObject({ severity: 'warning', code: 'EXPRESSION_NAME_UNKNOWN' });
        const step = stepAt(document, problem.at);
        expect(broken, `${link}: ${problem.at}`).toContainEqual(
          expect.objectContaining({ node: problem.at.split('/')[1], kind: 'step', id: step, isRemoved: false }),
        );
      }
    }
  });

  it('lets the ready-made Auth service ask its configured clients again, and the link can be drawn again', () => {
    const { bare, linked } = authWithTable();
    const { document, broken } = removeRecords(linked, ['link']);
    expect(broken).toEqual([]);
    expect(document.nodes['auth']).toEqual(bare.nodes['auth']);
    expect(validateDocument(document)).toEqual(validateDocument(bare));
    const again = connect(document, 'auth', 'database-table', () => 'link');
    expect(again.ok && again.value.document.nodes['auth']).toEqual(linked.nodes['auth']);
  });

  it('lists what reads a lost result in a field that is an expression without ${ }', () => {
    const { linked } = authWithTable();
    const document = updateNode(linked, 'auth', { config: { values: {} } }).document;
    expect(removeRecords(document, ['link']).broken).toEqual([
      { node: 'auth', kind: 'step', id: 'known', handler: 'token', isRemoved: true },
      { node: 'auth', kind: 'step', id: 'decide', handler: 'token', isRemoved: false },
      { node: 'auth', kind: 'step', id: 'issue', handler: 'token', isRemoved: false },
    ]);
  });

  it('takes what only computes from a lost result, at any depth, and keeps what answers by it', () => {
    const { linked } = authWithTable();
    const auth = linked.nodes['auth'] as NodeOf<'service'>;
    const steps: Step[] = [
      { id: 'rows', do: 'find', table: 'users', where: {}, limit: 1, as: 'rows' },
      { id: 'count', do: 'set', value: '${ size(rows) }', as: 'count' },
      { id: 'told', do: 'log', level: 'info', text: 'there are ${ count }' },
      { id: 'fixed', do: 'set', value: 1, as: 'fixed' },
      { id: 'own', do: 'set', value: '${ ["rows"].map(rows, rows + "rows").filter(count, true) }', as: 'own' },
      {
        id: 'many',
        do: 'choose',
        when: [{ if: 'fixed == 1', steps: [{ id: 'sum', do: 'set', value: '${ count + 1 }', as: 'sum' }] }],
      },
      { id: 'answer', do: 'respond', status: 200, body: '${ sum }' },
    ];
    const endpoints = [{ ...auth.config.endpoints[0], id: 'sums', method: 'GET', path: '/sums', steps }];
    const document = updateNode(linked, 'auth', { config: { endpoints } }).document;
    const gone = removeRecords(document, ['link']);
    expect(gone.broken.map(({ id, isRemoved }) => [id, isRemoved])).toEqual([
      ['rows', true],
      ['count', true],
      ['told', true],
      ['sum', true],
      ['many', true],
      ['answer', false],
    ]);
    const left = (gone.document.nodes['auth'] as NodeOf<'service'>).config.endpoints[0]?.steps.map(({ id }) => id);
    expect(left).toEqual(['fixed', 'own', 'answer']);
  });
});
