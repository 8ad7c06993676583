import { expect, test } from 'vitest';
import type { NodeOf } from '../../core/topology/schema/types.ts';
import { rowCount } from './row-count.ts';

const store = {
  kind: 'database',
  name: 'Orders',
  config: {
    engine: 'postgresql',
    tables: [{ name: 'orders' }, { name: 'items' }],
    rows: { orders: [{ id: 'o-1' }] },
  },
} as unknown as NodeOf<'database'>;
const rows = (...ids: string[]) => new Map(ids.map((id) => [id, { id }]));

test('before a run the rows of the document are counted, afterwards those of declared tables alone', () => {
  expect(rowCount('db', store, new Map())).toBe(1);
  expect(rowCount('db', store, new Map([['other/orders', rows('a', 'b')]]))).toBe(1);
  const tables = new Map([
    ['db/orders', rows('o-1', 'o-2')],
    ['db/outbox', rows('m-1', 'm-2', 'm-3')],
    ['other/orders', rows('a')],
  ]);
  expect(rowCount('db', store, tables)).toBe(2);
});
