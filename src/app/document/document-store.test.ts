import { expect, test } from 'vitest';
import type { Problem } from '../../core/base/result.ts';
import { addNode, emptyDocument, updateMeta } from '../../core/topology/edit/edit.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { createDocumentStore } from './document-store.ts';

let ids = 0;
const newId = () => `node-${++ids}`;
const add = (preset: string) => (document: Document) => ({
  ok: true as const,
  value: addNode(document, preset, { x: 0, y: 0 }, newId)!.diff,
});
const name = (text: string) => (document: Document) => ({
  ok: true as const,
  value: updateMeta(document, { name: text }).diff,
});
const settle = () => new Promise((resolve) => setTimeout(resolve));

function setUp(problemsOf: (document: Document) => Problem[] = () => []) {
  const documents = createDocumentStore({
    document: emptyDocument('shop', 'Shop'),
    saved: 'saved',
    validate: async (document) => problemsOf(document),
  });
  const changes: string[] = [];
  const valids: [string, string | null][] = [];
  documents.onChange(({ label }) => changes.push(label));
  documents.onValid((document, before) => valids.push([document.name, before?.name ?? null]));
  return { documents, changes, valids };
}

test('an edit returns its diff, is one undo and one redo', () => {
  const { documents, changes } = setUp();
  const before = documents.get().document;
  const done = documents.edit('edit.add', add('order'));
  expect(done.ok && Object.keys(done.value.nodes.added)).toHaveLength(1);
  const after = documents.get().document;
  documents.undo();
  expect(documents.get().document).toEqual(before);
  documents.redo();
  expect(documents.get().document).toEqual(after);
  expect(documents.redo()).toBeNull();
  expect(changes).toEqual(['edit.add', 'command.undo', 'command.redo']);
});

test('a refused edit and an edit that changes nothing leave no trace', () => {
  const { documents, changes } = setUp();
  const refusal: Problem = { code: 'NO', message: 'no', at: '', severity: 'error' };
  expect(documents.edit('edit.add', () => ({ ok: false, error: [refusal] }))).toEqual({ ok: false, error: [refusal] });
  documents.edit('edit.rename', (document) => ({ ok: true, value: updateMeta(document, { name: 'Shop' }).diff }));
  expect(documents.get().history.past).toEqual([]);
  expect(changes).toEqual([]);
});

test('edits of one gesture are one undo until it is sealed', () => {
  const { documents } = setUp();
  documents.edit('edit.rename', name('a'), { coalesce: 'typing' });
  documents.edit('edit.rename', name('b'), { coalesce: 'typing' });
  documents.seal();
  documents.edit('edit.rename', name('c'), { coalesce: 'typing' });
  documents.undo();
  expect(documents.get().document.name).toBe('b');
  documents.undo();
  expect(documents.get().document.name).toBe('Shop');
});

test('the last valid document goes on running while a newer one has errors', async () => {
  const broken: Problem = { code: 'BAD', message: 'bad', at: 'nodes/x', severity: 'error' };
  const { documents, valids } = setUp(({ name }) => (name === 'bad' ? [broken] : []));
  await settle();
  const rename = (text: string) => documents.edit('edit.rename', name(text));
  rename('bad');
  await settle();
  expect(documents.get().problems).toEqual([broken]);
  expect(documents.get().valid?.name).toBe('Shop');
  rename('good');
  await settle();
  expect(documents.get().problems).toEqual([]);
  expect(valids).toEqual([
    ['Shop', null],
    ['good', 'Shop'],
  ]);
});

test('another document starts with an empty history and is valid without a predecessor', async () => {
  const { documents, valids } = setUp();
  documents.edit('edit.add', add('order'));
  void documents.replace(emptyDocument('other', 'Other'), 'saved');
  await settle();
  expect(documents.get().history.past).toEqual([]);
  expect(valids.at(-1)).toEqual(['Other', null]);
});

test('while another tab writes the document nothing edits it, whatever asks', async () => {
  const { documents } = setUp();
  documents.edit('edit.rename', name('a'));
  documents.setSaved('readonly');
  expect(documents.edit('edit.rename', name('b'))).toMatchObject({ ok: false, error: [{ code: 'READ_ONLY' }] });
  expect([documents.undo(), documents.redo(), documents.get().document.name]).toEqual([null, null, 'a']);
});

test('another document is settled when who waits for it was told, however long the check takes', async () => {
  const checks: (() => void)[] = [];
  const documents = createDocumentStore({
    document: emptyDocument('shop', 'Shop'),
    saved: 'saved',
    validate: () => new Promise((resolve) => void checks.push(() => resolve([]))),
  });
  const told: string[] = [];
  documents.onValid((document) => told.push(document.name));
  const replaced = documents.replace(emptyDocument('other', 'Other'), 'saved').then(() => told.push('settled'));
  // The first document's check comes last: nobody waits for it any more.
  checks[1]?.();
  await replaced;
  checks[0]?.();
  await settle();
  expect(told).toEqual(['Other', 'settled']);
});
