import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTable, mongoScript, sqlScript, sqlText } from './sql.ts';
import type { Table } from '../topology/schema/types.ts';

const TABLE: Table = {
  name: 'orders',
  primaryKey: 'id',
  columns: [
    { name: 'id', type: 'string', nullable: false },
    { name: 'userId', type: 'int', nullable: false },
    { name: 'total', type: 'number', nullable: true },
    { name: 'paid', type: 'bool', nullable: true },
    { name: 'createdAt', type: 'time', nullable: true },
    { name: 'items', type: 'json', nullable: true },
  ],
  unique: [['userId', 'createdAt']],
};

/** Reads one PostgreSQL literal back, by the rules of its manual (4.1.2). */
function readLiteral(literal: string): string {
  const isEscape = literal.startsWith("E'");
  const body = literal.slice(isEscape ? 2 : 1, -1).replaceAll("''", "'");
  if (!isEscape) return body;
  return body.replace(/\\(u[0-9a-f]{4}|\\)/g, (_all, code: string) =>
    code === '\\' ? '\\' : String.fromCharCode(parseInt(code.slice(1), 16)),
  );
}

describe('typed tables (decision 14)', () => {
  test('every column has its own type, with key and unique constraints', () => {
    expect(createTable(TABLE)).toBe(`CREATE TABLE "orders" (
  "id" text COLLATE "C" NOT NULL,
  "userId" bigint NOT NULL,
  "total" double precision,
  "paid" boolean,
  "createdAt" timestamptz,
  "items" jsonb,
  PRIMARY KEY ("id"),
  UNIQUE ("userId", "createdAt")
);
`);
  });

  test('initial rows keep their types', () => {
    const row = { id: "o'1", userId: 7, total: 0.1, paid: false, createdAt: null, items: [{ sku: 'a\\b' }] };
    const text = sqlScript([TABLE], [{ table: 'orders', key: '"o\'1"', row }]);
    expect(text).toContain(
      `INSERT INTO "orders" ("id", "userId", "total", "paid", "createdAt", "items") VALUES ('o''1', 7, 0.1, FALSE, NULL, E'[{"sku":"a\\\\\\\\b"}]'::jsonb);`,
    );
  });

  test('property: no text leaves its literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const literal = sqlText(text);
        expect(readLiteral(literal)).toBe(text.replace(/\p{Surrogate}/gu, '\ufffd'));
        // eslint-disable-next-line no-control-regex
        expect(literal).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(literal.replace(/^E?'/, '').slice(0, -1).replaceAll("''", '')).not.toContain("'");
      }),
    );
  });

  test('collections get their unique indexes and documents with the primary key as _id', () => {
    const row = { id: 'p1', userId: 1, total: null, paid: null, createdAt: null, items: null };
    expect(mongoScript([TABLE], [{ table: 'orders', key: '"p1"', row }]))
      .toBe(`// Made by Servarium from the declared collections; runs once, when the volume is empty.
db.createCollection("orders");
db.getCollection("orders").createIndex({"createdAt":1,"userId":1}, { unique: true });
db.getCollection("orders").insertMany([{"_id":"p1","createdAt":null,"id":"p1","items":null,"paid":null,"total":null,"userId":1}]);
`);
  });
});
