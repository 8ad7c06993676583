import fc from 'fast-check';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, test, vi } from 'vitest';
import { ok, type Result } from '../../core/base/result.ts';
import { diffDocuments } from '../../core/topology/edit/diff.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { openRunRecords } from '../../hosts/browser/storage/run-records.ts';
import { openNodeStore } from '../../hosts/browser/storage/node-store.ts';
import { databasesOf, storeDatabase } from '../../hosts/browser/storage/names.ts';
import type { Locks } from './document-lock.ts';
import {
  deleteDocument,
  duplicateDocument,
  listDocuments,
  listRuns,
  listVersions,
  openSession,
  readVersion,
  renameDocument,
  type Session,
} from './index.ts';

beforeEach(() => vi.stubGlobal('indexedDB', new IDBFactory()));
const content = (id: string, name = 'First'): Document =>
  ({ format: 'servarium', version: 1, id, name, nodes: {}, links: {}, groups: {}, seed: 1, speed: 1 }) as Document;
const group = (n: number) => ({ title: `group ${n}`, position: { x: n, y: 0 }, size: { width: 10, height: 10 } });
const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.error[0]?.message);
  return result.value;
};
/** Web Locks of one browser, as far as they are used: exclusive, ifAvailable, steal, waiting in order. */
function browserLocks(): Locks {
  interface Held {
    end: (error: unknown) => void;
  }
  const held = new Map<string, Held>();
  const queues = new Map<string, (() => void)[]>();
  const run = (name: string, callback: (lock: Lock | null) => unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const entry: Held = { end: reject };
      held.set(name, entry);
      Promise.resolve(callback({ name, mode: 'exclusive' })).then((result) => {
        resolve(result);
        if (held.get(name) !== entry) return;
        held.delete(name);
        queues.get(name)?.shift()?.();
      }, reject);
    });
  const request = (name: string, options: LockOptions, callback: (lock: Lock | null) => unknown): Promise<unknown> => {
    if (options.steal) held.get(name)?.end(new DOMException('stolen', 'AbortError'));
    if (options.steal || !held.has(name)) return run(name, callback);
    if (options.ifAvailable) return Promise.resolve(callback(null));
    return new Promise((resolve, reject) => {
      const waiting = queues.get(name) ?? [];
      queues.set(name, waiting);
      const go = () => void run(name, callback).then(resolve, reject);
      waiting.push(go);
      options.signal?.addEventListener('abort', () => {
        if (waiting.includes(go)) waiting.splice(waiting.indexOf(go), 1);
        reject(new DOMException('aborted', 'AbortError'));
      });
    });
  };
  return { request } as unknown as Locks;
}
const read = async (document: unknown): Promise<Result<Document>> => ok(document as Document);
const open = async (request: Parameters<typeof openSession>[0], locks?: Locks): Promise<Session> =>
  value(await openSession(request, { locks, read }));
function edit(session: Session, change: (draft: Document) => void): void {
  const next = structuredClone(session.document);
  change(next);
  session.append(diffDocuments(session.document, next), 'edit');
}

test('a given document is stored; it opens again by its id with all edits', async () => {
  const session = await open({ document: content('shop') });
  edit(session, (draft) => void (draft.groups['a'] = group(1)));
  edit(session, (draft) => void (draft.name = 'Second'));
  expect(session.saved.get()).toBe('saving');
  await session.flush();
  expect(session.saved.get()).toBe('saved');
  await session.close();
  const again = await open({ documentId: 'shop' });
  expect(again.document).toEqual({ ...content('shop', 'Second'), groups: { a: group(1) } });
  expect(again.recovered).toBeNull();
  await again.close();
});

test('an unknown document is a coded problem; a stored one is not touched by a copy of it', async () => {
  expect(await openSession({ documentId: 'nowhere' }, { read })).toMatchObject({
    ok: false,
    error: [{ code: 'DOCUMENT_NOT_FOUND' }],
  });
  await (await open({ document: content('shop', 'Mine') })).close();
  const copy = await open({ document: content('shop', 'Example') });
  expect(copy.document.id).toMatch(/^[a-z0-9]{10}$/);
  const stored = await open({ document: content('shop', 'Example'), ifStored: 'open' });
  expect(stored.document.name).toBe('Mine');
  await copy.close();
  await stored.close();
});

test('after an end that nobody saw, the edits are there and their number is told', async () => {
  const session = await open({ document: content('shop') });
  await session.flush();
  edit(session, (draft) => void (draft.groups['a'] = group(1)));
  edit(session, (draft) => void (draft.groups['b'] = group(2)));
  await session.flush();
  const next = await open({ documentId: 'shop' });
  expect(Object.keys(next.document.groups)).toEqual(['a', 'b']);
  expect(next.recovered?.edits).toBe(2);
});

test('the second tab reads along; it becomes the writer when the first is closed, and writes on', async () => {
  const locks = browserLocks();
  const first = await open({ document: content('shop') }, locks);
  await first.flush();
  const second = await open({ documentId: 'shop' }, locks);
  expect([first.readOnly.get(), second.readOnly.get()]).toEqual([false, true]);
  edit(first, (draft) => void (draft.groups['a'] = group(1)));
  await expect.poll(() => Object.keys(second.document.groups)).toEqual(['a']);
  edit(second, (draft) => void (draft.groups['z'] = group(9)));
  expect(Object.keys(second.document.groups)).toEqual(['a']);
  await first.close();
  await expect.poll(() => second.readOnly.get()).toBe(false);
  edit(second, (draft) => void (draft.groups['b'] = group(2)));
  await second.flush();
  await second.close();
  const third = await open({ documentId: 'shop' }, locks);
  expect(Object.keys(third.document.groups)).toEqual(['a', 'b']);
  await third.close();
});

test('a reading tab can take over; the other one then reads', async () => {
  const locks = browserLocks();
  const first = await open({ document: content('shop') }, locks);
  await first.flush();
  const second = await open({ documentId: 'shop' }, locks);
  await second.takeOver();
  await expect.poll(() => [first.readOnly.get(), second.readOnly.get()]).toEqual([true, false]);
  edit(second, (draft) => void (draft.name = 'Taken'));
  await expect.poll(() => first.document.name).toBe('Taken');
  await second.close();
  await first.close();
});

test('without IndexedDB editing goes on in memory and the problem is told', async () => {
  vi.stubGlobal('indexedDB', undefined);
  const session = await open({ document: content('shop') });
  edit(session, (draft) => void (draft.name = 'Still here'));
  expect(session.document.name).toBe('Still here');
  expect(session.saved.get()).toBe('failed');
  expect(session.problem.get()).toMatchObject({ code: 'STORAGE_FAILED' });
  await session.close();
});

test('documents can be listed, renamed, duplicated and deleted with their rows and runs', async () => {
  await (await open({ document: content('shop') })).close();
  value(await renameDocument('shop', 'Renamed'));
  const copy = value(await duplicateDocument('shop', 'Copy'));
  expect(
    value(await listDocuments())
      .map(({ name }) => name)
      .sort((a, b) => (a < b ? -1 : 1)),
  ).toEqual(['Copy', 'Renamed']);
  (await openNodeStore(storeDatabase('shop', 'orders-db'))).close();
  expect(value(await listRuns('shop'))).toEqual([]);
  const records = await openRunRecords('shop');
  const ended = { how: 'reload' as const, at: 5 };
  await records.begin(
    {
      id: 'r',
      startedAt: 'x',
      seed: 1,
      topology: { nodes: {}, links: {} },
      initialDataHash: null,
      stores: [],
      cut: 5,
      reached: 9,
      ended,
    },
    null,
  );
  records.close();
  expect(value(await listRuns('shop'))).toMatchObject([{ id: 'r', ended }]);
  value(await deleteDocument('shop'));
  expect(await databasesOf('shop')).toEqual([]);
  expect(value(await listDocuments()).map(({ id }) => id)).toEqual([copy.id]);
  expect((await renameDocument('shop', 'x')).ok).toBe(false);
});

test('former states are listed with their time and edits, and can be read while one edits on', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01T10:00:00Z') });
  try {
    const add = (n: number) => edit(session, (draft) => void (draft.groups[`g${n}`] = group(n)));
    let session = await open({ document: content('shop') });
    add(1);
    add(2);
    await session.close();
    vi.setSystemTime(new Date('2026-01-01T10:06:00Z'));
    session = await open({ documentId: 'shop' });
    add(3);
    await session.close();
    session = await open({ documentId: 'shop' });
    add(4);
    await session.flush();
    expect(value(await listVersions('shop'))).toEqual([
      { seq: 4, at: '2026-01-01T10:06:00.000Z', edits: 1, nodes: 0 },
      { seq: 3, at: '2026-01-01T10:00:00.000Z', edits: 3, nodes: 0 },
    ]);
    expect(Object.keys(value(await readVersion('shop', 3)).groups)).toEqual(['g1', 'g2']);
    expect(await readVersion('shop', 99)).toMatchObject({ ok: false, error: [{ code: 'DOCUMENT_NOT_FOUND' }] });
    await session.close();
  } finally {
    vi.useRealTimers();
  }
});

test('a document that a tab has open is not deleted under its hands', async () => {
  const locks = browserLocks();
  const session = await open({ document: content('shop') }, locks);
  await session.flush();
  expect(await deleteDocument('shop', locks)).toMatchObject({ ok: false, error: [{ code: 'DOCUMENT_IN_OTHER_TAB' }] });
  expect(value(await listDocuments()).map(({ id }) => id)).toEqual(['shop']);
  await session.close();
  value(await deleteDocument('shop', locks));
  expect(value(await listDocuments())).toEqual([]);
});

test('property: whatever is edited and wherever the tab dies after a flush, nothing is lost', async () => {
  const gesture = fc.record({ id: fc.constantFrom('a', 'b', 'c'), n: fc.option(fc.nat(50)) });
  await fc.assert(
    fc.asyncProperty(fc.array(gesture, { minLength: 1, maxLength: 30 }), fc.nat(29), async (gestures, dieAt) => {
      vi.stubGlobal('indexedDB', new IDBFactory());
      let session = await open({ document: content('shop') });
      await session.flush();
      for (const [i, { id, n }] of gestures.entries()) {
        edit(session, (draft) => {
          if (n === null) delete draft.groups[id];
          else draft.groups[id] = group(n);
        });
        if (i !== dieAt) continue;
        await session.flush();
        const expected = session.document;
        session = await open({ documentId: 'shop' });
        expect(session.document).toEqual(expected);
      }
      const expected = session.document;
      await session.close();
      expect((await open({ documentId: 'shop' })).document).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});
