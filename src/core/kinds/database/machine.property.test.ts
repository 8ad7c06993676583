import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DbOp, DbResult } from '../../fabric/message.ts';
import type { TableRow } from '../../storage/types.ts';
import type { Table } from '../../topology/types.ts';
import { checkDeadlock, createDatabase, query, type Database, type Output } from './machine.ts';

const table: Table = {
  name: 't',
  primaryKey: 'id',
  columns: [
    { name: 'id', type: 'int', nullable: false },
    { name: 'n', type: 'int', nullable: false },
    { name: 'u', type: 'string', nullable: true },
  ],
  unique: [['u']],
};
const id = fc.integer({ min: 0, max: 4 });
const unique = fc.constantFrom('a', 'b', null);
const where = fc.oneof(
  id.map((value) => ({ id: { eq: value } })),
  fc.integer({ min: 0, max: 3 }).map((value) => ({ n: { gte: value } })),
);
type RowOp = Extract<DbOp, { table: string }>;
const rowOp: fc.Arbitrary<RowOp> = fc.oneof(
  fc
    .record({ id, n: fc.integer({ min: 0, max: 3 }), u: unique })
    .map((row): RowOp => ({ op: 'insert', table: 't', row })),
  id.map((key): RowOp => ({ op: 'get', table: 't', key })),
  where.map((clause): RowOp => ({ op: 'find', table: 't', where: clause })),
  fc
    .tuple(where, unique)
    .map(([clause, u]): RowOp => ({ op: 'update', table: 't', where: clause, set: { u }, increment: { n: 1 } })),
  where.map((clause): RowOp => ({ op: 'delete', table: 't', where: clause })),
);

/** The plainest store that could be right: one list, one transaction at a time. */
class Model {
  rows: TableRow[] = [];
  private matching(clause: Record<string, { eq?: unknown; gte?: unknown }>): TableRow[] {
    return this.rows.filter((row) =>
      Object.entries(clause).every(([column, test]) =>
        'eq' in test ? row[column] === test.eq : (row[column] as number) >= (test.gte as number),
      ),
    );
  }
  run(op: RowOp): unknown {
    const taken = (u: unknown, not?: TableRow): boolean =>
      u !== null && this.rows.some((row) => row !== not && row['u'] === u);
    switch (op.op) {
      case 'insert':
        if (this.rows.some((row) => row['id'] === op.row['id']) || taken(op.row['u'])) return 'unique_violation';
        this.rows = [...this.rows, op.row].sort((a, b) => Number(a['id']) - Number(b['id']));
        return op.row;
      case 'get':
        return this.rows.find((row) => row['id'] === op.key) ?? null;
      case 'find':
        return this.matching(op.where);
      case 'delete': {
        const gone = this.matching(op.where);
        this.rows = this.rows.filter((row) => !gone.includes(row));
        return { count: gone.length };
      }
      case 'update': {
        const changed: TableRow[] = [];
        for (const row of this.matching(op.where)) {
          if (taken(op.set['u'], row)) return 'unique_violation';
          const next = { ...row, ...op.set, n: Number(row['n']) + 1 };
          this.rows = this.rows.map((entry) => (entry === row ? next : entry));
          changed.push(next);
        }
        return { count: changed.length, rows: changed };
      }
    }
  }
}

const stateOf = (db: Database): TableRow[] =>
  [...(db.tables.get('t')?.rows.values() ?? [])].sort((a, b) => Number(a['id']) - Number(b['id']));

/** Durable state rebuilt from the `applied` outputs alone, checking every `before`. */
function replay(outputs: Output[]): TableRow[] {
  const rows = new Map<string, TableRow>();
  for (const output of outputs) {
    if (output.type !== 'applied') continue;
    expect(rows.get(output.key) ?? null).toEqual(output.before);
    if (output.after === null) rows.delete(output.key);
    else rows.set(output.key, output.after);
  }
  return [...rows.values()].sort((a, b) => Number(a['id']) - Number(b['id']));
}

const shown = (result: DbResult | undefined): unknown =>
  result?.ok === true ? result.value : (result?.code ?? 'waits');

it('serial transactions equal a plain model, and store.applied replayed equals the state', () => {
  const transaction = fc.record({
    ops: fc.array(rowOp, { maxLength: 5 }),
    end: fc.constantFrom('commit', 'rollback', 'auto'),
  });
  fc.assert(
    fc.property(fc.array(transaction, { maxLength: 12 }), (transactions) => {
      const db = createDatabase([table], []);
      const model = new Model();
      const outputs: Output[] = [];
      const ask = (op: DbOp): unknown => {
        const answered = query(db, { id: 'q', client: 'c#0', query: op });
        outputs.push(...answered);
        const result = answered.find((output) => output.type === 'result');
        return shown(result?.type === 'result' ? result.result : undefined);
      };
      for (const { ops, end } of transactions) {
        const before = model.rows;
        const tx = end === 'auto' ? {} : { tx: 't' };
        if (end !== 'auto') ask({ op: 'begin', tx: 't' });
        let failed = false;
        for (const op of ops) {
          const start = model.rows;
          const expected = failed ? 'transaction_aborted' : model.run(op);
          expect(ask({ ...op, ...tx })).toEqual(expected);
          if (expected === 'unique_violation') model.rows = start;
          if (end !== 'auto' && expected === 'unique_violation') failed = true;
        }
        if (end !== 'auto') ask({ op: end === 'commit' ? 'commit' : 'rollback', tx: 't' });
        if (end === 'rollback' || failed) model.rows = before;
        expect(stateOf(db)).toEqual(model.rows);
      }
      expect(replay(outputs)).toEqual(stateOf(db));
      expect([db.locks.size, db.claims.size, db.transactions.size]).toEqual([0, 0, 0]);
    }),
    { numRuns: 300 },
  );
});

it('interleaved transactions: every statement is answered once, unique holds, committed increments are never lost, nothing stays locked', () => {
  const step = fc.record({ tx: fc.integer({ min: 0, max: 3 }), op: fc.option(rowOp, { nil: null }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const db = createDatabase([table], []);
      const outputs: Output[] = [];
      const answers = new Map<string, DbResult>();
      const asked: { id: string; op: DbOp }[] = [];
      const take = (made: Output[]): void => {
        outputs.push(...made);
        for (const output of made) {
          if (output.type !== 'result') continue;
          expect(answers.has(output.id)).toBe(false);
          answers.set(output.id, output.result);
        }
      };
      const ask = (op: DbOp): void => {
        const name = `q${asked.length}`;
        asked.push({ id: name, op });
        take(query(db, { id: name, client: 'c#0', query: op }));
      };
      const open = new Set<number>();
      for (const { tx, op } of steps) {
        if (!open.has(tx)) ask({ op: 'begin', tx: `t${tx}` });
        open.add(tx);
        if (op === null) {
          ask({ op: 'commit', tx: `t${tx}` });
          open.delete(tx);
        } else ask({ ...op, tx: `t${tx}` });
      }
      for (const tx of open) ask({ op: 'commit', tx: `t${tx}` });
      // Every wait is looked at once, as the timers would; a cycle always contains a wait that is looked at after it closed.
      for (let wait = 1; wait <= db.waits; wait += 1) take(checkDeadlock(db, wait));
      expect(asked.filter(({ id: name }) => !answers.has(name))).toEqual([]);
      expect([db.locks.size, db.claims.size, db.transactions.size, db.waiting.length]).toEqual([0, 0, 0, 0]);
      const rows = stateOf(db);
      expect(replay(outputs)).toEqual(rows);
      const uniques = rows.map((row) => row['u']).filter((value) => value !== null);
      expect(new Set(uniques).size).toBe(uniques.length);
      // `n` only grows by one per committed version of a row: no increment is lost under READ COMMITTED.
      for (const output of outputs) {
        if (output.type !== 'applied' || output.before === null || output.after === null) continue;
        expect(Number(output.after['n'])).toBeGreaterThan(Number(output.before['n']));
      }
    }),
    { numRuns: 400 },
  );
});
