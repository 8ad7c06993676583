import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Document, TopologyDiff } from '../../core/topology/schema/types.ts';
import type { DocumentInfo, EditEntry, SnapshotEntry } from './document-store.ts';
import { COMPACT_EDITS, createEditWriter, type SavedState } from './edit-writer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const none = { added: {}, updated: {}, removed: {} };
const rename = (from: string, to: string): TopologyDiff => ({
  nodes: none,
  links: none,
  groups: none,
  meta: { name: [from, to] },
});
const content = (name: string): Document =>
  ({ format: 'servarium', version: 1, id: 'd', name, nodes: {}, links: {}, groups: {}, seed: 1, speed: 1 }) as Document;
const info: DocumentInfo = { id: 'd', name: 'n0', createdAt: '', updatedAt: '', isOpen: true };

function setUp() {
  const transactions: (EditEntry[] | SnapshotEntry)[] = [];
  const marks: DocumentInfo[] = [];
  const told: [SavedState, string | null][] = [];
  let refusals = 0;
  const guard = async (act: () => void): Promise<void> => {
    await Promise.resolve();
    if (refusals-- > 0) throw new DOMException('full', 'QuotaExceededError');
    act();
  };
  const writer = createEditWriter({
    store: {
      append: (_, edits) => guard(() => void transactions.push([...edits])),
      compact: (_, snapshot) => guard(() => void transactions.push(snapshot)),
      mark: async (mark) => void marks.push(mark),
    },
    info,
    content: content('n0'),
    seq: 0,
    edits: 0,
    saved: (state, reason) => told.push([state, reason]),
  });
  let n = 0;
  return {
    writer,
    transactions,
    marks,
    told,
    refuse: (times: number) => void (refusals = times),
    edit: () => writer.append(rename(`n${n}`, `n${++n}`), 'rename', content(`n${n}`)),
  };
}
const settle = () => vi.advanceTimersByTimeAsync(0);

test('a gesture is written at once, in a transaction of its own, without waiting for more', async () => {
  const { edit, transactions, told } = setUp();
  edit();
  await settle();
  edit();
  await settle();
  expect(transactions.map((t) => (Array.isArray(t) ? t.map((e) => [e.seq, e.label]) : t.seq))).toEqual([
    [[1, 'rename']],
    [[2, 'rename']],
  ]);
  expect(told).toEqual([
    ['saving', null],
    ['saved', null],
    ['saving', null],
    ['saved', null],
  ]);
});

test('a refusal is told, nothing is lost, and it is tried again', async () => {
  const { edit, refuse, transactions, told } = setUp();
  refuse(1);
  edit();
  await settle();
  expect(told.at(-1)).toEqual(['failed', 'QuotaExceededError: full']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told.at(-1)).toEqual(['saved', null]);
  expect(transactions.map((t) => (Array.isArray(t) ? t.map((e) => e.seq) : t.seq))).toEqual([[1]]);
});

test('200 edits, or ten idle seconds, become a snapshot', async () => {
  const { edit, transactions } = setUp();
  edit();
  await settle();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(transactions.at(-1)).toMatchObject({ seq: 1, content: { name: 'n1' } });
  for (let i = 0; i < COMPACT_EDITS; i++) {
    edit();
    await settle();
  }
  expect(transactions.at(-1)).toMatchObject({ seq: 201, content: { name: 'n201' } });
  expect(transactions.filter((t) => !Array.isArray(t))).toHaveLength(2);
});

test('replaced content is a snapshot, and later edits come after it', async () => {
  const { writer, edit, transactions } = setUp();
  edit();
  writer.replace(content('imported'));
  edit();
  await settle();
  expect(transactions.at(-1)).toMatchObject({ seq: 3 });
  await writer.flush();
  const last = transactions.findLast((t): t is SnapshotEntry => !Array.isArray(t));
  expect(last?.seq).toBe(3);
});

test('closing writes what is open and marks the document as closed', async () => {
  const { writer, edit, transactions, marks } = setUp();
  edit();
  await writer.close();
  expect(transactions.at(-1)).toMatchObject({ seq: 1, content: { name: 'n1' } });
  expect(marks).toMatchObject([{ id: 'd', name: 'n1', isOpen: false }]);
});
