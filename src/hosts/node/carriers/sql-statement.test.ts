import { describe, expect, test } from 'vitest';
import type { Table } from '../../../core/topology/schema/types.ts';
import { sqlStatement } from './sql-statement.ts';
import { shapesOf } from './store.ts';

const TABLE: Table = {
  name: 'items',
  primaryKey: 'id',
  columns: [
    { name: 'id', type: 'string', nullable: false },
    { name: 'stars', type: 'int', nullable: false },
    { name: 'price', type: 'number', nullable: true },
    { name: 'tags', type: 'json', nullable: true },
  ],
};
const shape = shapesOf([TABLE]).get('items');
if (!shape) throw new Error('no shape');
const made = (op: Parameters<typeof sqlStatement>[1]): unknown => {
  const result = sqlStatement(shape, op);
  return result.ok ? result.value : result.code;
};

describe('statements for PostgreSQL', () => {
  test('insert names every column and casts every parameter', () => {
    expect(made({ op: 'insert', table: 'items', row: { id: 'a', stars: 1, tags: ['x'] } })).toEqual({
      text: 'INSERT INTO "items" ("id", "stars", "price", "tags") VALUES ($1::text, $2::bigint, $3::double precision, $4::jsonb) RETURNING *',
      values: ['a', 1, null, '["x"]'],
    });
  });

  test('find: conditions, null by IS NULL, a list by ANY, the order of the tab', () => {
    const where = { stars: { gte: 1, lt: 5 }, price: { eq: null }, id: { in: ['a', null, 'b'], ne: 'c' } };
    expect(made({ op: 'find', table: 'items', where, orderBy: 'stars', descending: true, limit: 3 })).toEqual({
      text: 'SELECT * FROM "items" WHERE "id" <> $1::text AND "id" = ANY($2::text[]) AND "price" IS NULL AND "stars" >= $3::bigint AND "stars" < $4::bigint ORDER BY "stars" DESC NULLS FIRST, "id" ASC LIMIT 3',
      values: ['c', ['a', 'b'], 1, 5],
    });
    expect(made({ op: 'find', table: 'items', where: { stars: { gt: null } } })).toEqual({
      text: 'SELECT * FROM "items" WHERE FALSE ORDER BY "id" ASC NULLS LAST, "id" ASC',
      values: [],
    });
  });

  test('update sets, increments and returns the rows; nothing to set still counts', () => {
    expect(
      made({ op: 'update', table: 'items', where: { id: { eq: 'a' } }, set: { price: 2 }, increment: { stars: -1 } }),
    ).toEqual({
      text: 'UPDATE "items" SET "price" = $1::double precision, "stars" = "stars" + $2::bigint WHERE "id" = $3::text RETURNING *',
      values: [2, -1, 'a'],
    });
    expect(made({ op: 'update', table: 'items', where: {}, set: {}, increment: {} })).toEqual({
      text: 'UPDATE "items" SET "id" = "id" RETURNING *',
      values: [],
    });
  });

  test.each([
    [{ op: 'insert', table: 'items', row: { id: 7, stars: 1 } }, 'invalid_type'],
    [{ op: 'insert', table: 'items', row: { id: 'a' } }, 'not_null_violation'],
    [{ op: 'insert', table: 'items', row: { id: 'a', stars: 1, colour: 'red' } }, 'undefined_column'],
    [{ op: 'get', table: 'items', key: 7 }, 'invalid_type'],
    [{ op: 'find', table: 'items', where: {}, orderBy: 'colour' }, 'undefined_column'],
    [{ op: 'update', table: 'items', where: {}, set: { stars: 1 }, increment: { stars: 1 } }, 'invalid_type'],
    [{ op: 'update', table: 'items', where: {}, set: {}, increment: { id: 1 } }, 'invalid_type'],
    [{ op: 'delete', table: 'items', where: { tags: { gt: 1 } } }, 'invalid_type'],
  ] as const)('what the tab refuses is refused before it reaches the server: %j', (op, code) => {
    expect(made(op as never)).toBe(code);
  });
});
