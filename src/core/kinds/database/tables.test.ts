import { describe, expect, it } from 'vitest';
import type { DbOp } from '../../fabric/message.ts';
import type { TableRow } from '../../storage/types.ts';
import type { Table } from '../../topology/schema/types.ts';
import { acc, accRow as row, Bench } from '../testing/database-bench.ts';
import { redeclare } from './redeclare.ts';

describe('tables', () => {
  const people: Table = {
    name: 'people',
    primaryKey: 'id',
    columns: [
      { name: 'id', type: 'string', nullable: false },
      { name: 'email', type: 'string', nullable: true },
      { name: 'age', type: 'int', nullable: true },
      { name: 'score', type: 'number', nullable: true },
      { name: 'born', type: 'time', nullable: true },
      { name: 'tags', type: 'json', nullable: true },
      { name: 'ok', type: 'bool', nullable: true },
    ],
    unique: [['email'], ['age', 'ok']],
  };
  const empty = { email: null, age: null, score: null, born: null, tags: null, ok: null };
  const insert = (values: TableRow): DbOp => ({ op: 'insert', table: 'people', row: values });

  it('types its columns and completes rows with null', () => {
    const bench = new Bench([people], []);
    expect(bench.value(insert({ id: 'a', born: '2026-11-22T10:00:00+02:00', tags: [{ x: 1 }] }))).toEqual({
      ...empty,
      id: 'a',
      born: '2026-11-22T08:00:00.000Z',
      tags: [{ x: 1 }],
    });
    const codes = [
      { id: 1 },
      { id: 'b', age: 1.5 },
      { id: 'b', age: 2 ** 53 },
      { id: 'b', score: '1' },
      { id: 'b', born: '2026-02-30T00:00:00Z' },
      { id: 'b', born: '2026-02-03' },
      { id: 'b', ok: 'yes' },
      { id: 'b', nothing: 1 },
      { id: null },
      { email: 'x' },
    ].map((values) => bench.value(insert(values)));
    expect(codes).toEqual([
      'invalid_type',
      'invalid_type',
      'out_of_range',
      'invalid_type',
      'invalid_type',
      'invalid_type',
      'invalid_type',
      'undefined_column',
      'not_null_violation',
      'not_null_violation',
    ]);
    expect(bench.value({ op: 'get', table: 'nowhere', key: 1 })).toBe('no_table');
    expect(bench.value({ op: 'get', table: 'people', key: 7 })).toBe('invalid_type');
    expect(bench.value({ op: 'get', table: 'people', key: 'zz' })).toBe(null);
  });

  it('holds unique constraints, in which nulls never collide', () => {
    const bench = new Bench([people], []);
    const codes = [
      insert({ id: 'a', email: 'e', age: 1, ok: true }),
      insert({ id: 'b', email: 'e' }),
      insert({ id: 'c', age: 1 }),
      insert({ id: 'd', age: 1 }),
      insert({ id: 'f', age: 1, ok: true }),
    ].map((op) => bench.now(op).ok);
    expect(codes).toEqual([true, false, true, true, false]);
    const update: DbOp = {
      op: 'update',
      table: 'people',
      where: { id: { eq: 'c' } },
      set: { email: 'e' },
      increment: {},
    };
    expect(bench.now(update)).toMatchObject({
      message: 'duplicate key value violates unique constraint "people_email_key"',
    });
  });

  it('lets a value move inside one transaction and blocks others until the end', () => {
    const bench = new Bench([people], [{ id: 'a', email: 'e' }]);
    bench.begin('t');
    bench.now({
      op: 'update',
      tx: 't',
      table: 'people',
      where: { id: { eq: 'a' } },
      set: { email: 'f' },
      increment: {},
    });
    expect(bench.now({ ...insert({ id: 'b', email: 'e' }), tx: 't' } as DbOp).ok).toBe(true);
    const other = bench.ask(insert({ id: 'c', email: 'f' }));
    expect(bench.results.has(other)).toBe(false);
    bench.now({ op: 'commit', tx: 't' });
    expect(bench.results.get(other)).toMatchObject({ ok: false, code: 'unique_violation' });
  });

  it('finds with all operators, SQL nulls, order and limit', () => {
    const rows: TableRow[] = [
      { id: 'd', age: 3 },
      { id: 'c', age: 1 },
      { id: 'b', age: null },
      { id: 'a', age: 3 },
    ];
    const bench = new Bench([people], rows);
    const ids = (op: Partial<Extract<DbOp, { op: 'find' }>>): string =>
      (bench.value({ op: 'find', table: 'people', where: {}, ...op }) as TableRow[])
        .map((entry) => (typeof entry['id'] === 'string' ? entry['id'] : '?'))
        .join('');
    expect(ids({})).toBe('abcd');
    expect(ids({ descending: true })).toBe('dcba');
    expect(ids({ orderBy: 'age' })).toBe('cadb');
    expect(ids({ orderBy: 'age', descending: true })).toBe('badc');
    expect(ids({ orderBy: 'age', limit: 2 })).toBe('ca');
    expect(ids({ where: { age: { eq: 3 } } })).toBe('ad');
    expect(ids({ where: { age: { ne: 3 } } })).toBe('c');
    expect(ids({ where: { age: { eq: null } } })).toBe('b');
    expect(ids({ where: { age: { ne: null } } })).toBe('acd');
    expect(ids({ where: { age: { gt: 1, lte: 3 } } })).toBe('ad');
    expect(ids({ where: { age: { gte: 1, lt: 3 } } })).toBe('c');
    expect(ids({ where: { age: { in: [1, null] } } })).toBe('c');
    expect(ids({ where: { id: { eq: 'a' }, age: { eq: 1 } } })).toBe('');
    expect(bench.value({ op: 'find', table: 'people', where: { age: { gt: 'x' } } })).toBe('invalid_type');
    expect(bench.value({ op: 'find', table: 'people', where: { tags: { gt: 1 } } })).toBe('invalid_type');
    expect(bench.value({ op: 'find', table: 'people', where: { nope: { eq: 1 } } })).toBe('undefined_column');
  });

  it('orders text by code point, not by UTF-16 unit', () => {
    const bench = new Bench([people], [{ id: '\u{1F600}' }, { id: '\uFF5E' }, { id: 'z' }]);
    const found = bench.value({ op: 'find', table: 'people', where: {} }) as TableRow[];
    expect(found.map((entry) => entry['id'])).toEqual(['z', '\uFF5E', '\u{1F600}']);
  });

  it('increments atomically, keeps null, and refuses what is no number', () => {
    const bench = new Bench([people], [{ id: 'a', age: 1, score: 0.5 }]);
    const add = (increment: TableRow, set: TableRow = {}): unknown =>
      bench.value({ op: 'update', table: 'people', where: { id: { eq: 'a' } }, set, increment });
    expect(add({ age: 2, score: 0.25 })).toMatchObject({ count: 1, rows: [{ age: 3, score: 0.75 }] });
    expect(add({ age: Number.MAX_SAFE_INTEGER })).toBe('out_of_range');
    expect([add({ email: 1 }), add({ age: 0.5 }), add({ age: 1 }, { age: 2 })]).toEqual(Array(3).fill('invalid_type'));
    bench.now({ op: 'update', table: 'people', where: {}, set: { age: null }, increment: {} });
    expect(add({ age: 1 })).toMatchObject({ rows: [{ age: null }] });
  });

  it('moves a row when its primary key changes, as two durable changes', () => {
    const bench = new Bench();
    bench.now({ op: 'update', table: 'acc', where: { id: { eq: 1 } }, set: { id: 7 }, increment: {} });
    expect(bench.applied).toEqual([
      { type: 'applied', table: 'acc', key: '1', before: row(1, 100), after: null },
      { type: 'applied', table: 'acc', key: '7', before: null, after: row(7, 100) },
    ]);
    expect(bench.value({ op: 'update', table: 'acc', where: { id: { eq: 7 } }, set: { id: 2 }, increment: {} })).toBe(
      'unique_violation',
    );
    expect(bench.value({ op: 'delete', table: 'acc', where: { bal: { eq: 100 } } })).toEqual({ count: 2 });
  });

  it('follows changed declarations: new columns are null, new tables get their rows, removed ones go', () => {
    const bench = new Bench([acc, people], [row(1, 100)]);
    expect(redeclare(bench.db, [acc, people], {})).toEqual([]);
    const wider: Table = { ...acc, columns: [...acc.columns, { name: 'note', type: 'string', nullable: true }] };
    const applied = redeclare(bench.db, [wider, { ...acc, name: 'more' }], { more: [row(5, 5)], acc: [row(8, 8)] });
    expect(applied).toEqual([
      { table: 'acc', key: '1', before: row(1, 100), after: { ...row(1, 100), note: null } },
      { table: 'more', key: '5', before: null, after: row(5, 5) },
    ]);
    expect(redeclare(bench.db, [wider], {})).toEqual([{ table: 'more', key: '5', before: row(5, 5), after: null }]);
    expect(bench.value({ op: 'get', table: 'people', key: 'a' })).toBe('no_table');
  });
});
