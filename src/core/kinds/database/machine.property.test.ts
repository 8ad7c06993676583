import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalize } from '../../base/canonical.ts';
import type { DbOp, DbResult } from '../../fabric/message.ts';
import type { TableRow } from '../../storage/types.ts';
import type { Table } from '../../topology/schema/types.ts';
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

/** Several connections that talk to one store in a given order, each answer recorded once, all ended and all deadlocks resolved at the end. */
class Interleaving {
  readonly db: Database;
  readonly outputs: Output[] = [];
  readonly answers = new Map<string, DbResult>();
  /** Transactions in order of their begin: what each asked, by question id. */
  readonly sessions: { asked: { id: string; op: DbOp }[] }[] = [];
  private readonly open = new Map<number, { tx: string; asked: { id: string; op: DbOp }[] }>();
  private questions = 0;

  constructor(rows: TableRow[] = []) {
    this.db = createDatabase(
      [table],
      rows.map((row) => ({ table: 't', key: canonicalize(row['id'] ?? null), row })),
    );
  }
  private take(made: Output[]): void {
    this.outputs.push(...made);
    for (const output of made) {
      if (output.type !== 'result') continue;
      expect(this.answers.has(output.id)).toBe(false);
      this.answers.set(output.id, output.result);
    }
  }
  private ask(session: { asked: { id: string; op: DbOp }[] }, op: DbOp): void {
    this.questions += 1;
    const id = `q${this.questions}`;
    session.asked.push({ id, op });
    this.take(query(this.db, { id, client: 'c#0', query: op }));
  }
  /** The next step of one connection: an operation in its transaction (begun when there is none), or its end. */
  step(connection: number, op: RowOp | 'commit' | 'rollback'): void {
    const known = this.open.get(connection);
    const session = known ?? { tx: `t${this.sessions.length}`, asked: [] };
    if (known === undefined) {
      this.open.set(connection, session);
      this.sessions.push(session);
      this.ask(session, { op: 'begin', tx: session.tx });
    }
    const isEnd = op === 'commit' || op === 'rollback';
    this.ask(session, isEnd ? { op, tx: session.tx } : { ...op, tx: session.tx });
    if (isEnd) this.open.delete(connection);
  }
  finish(): void {
    for (const connection of this.open.keys()) this.step(connection, 'commit');
    // Every wait is looked at once, as the timers would; a cycle always contains a wait that is looked at after it closed.
    for (let wait = 1; wait <= this.db.waits; wait += 1) this.take(checkDeadlock(this.db, wait));
    const unanswered = this.sessions.flatMap(({ asked }) => asked).filter(({ id }) => !this.answers.has(id));
    expect(unanswered).toEqual([]);
    const { locks, claims, transactions, waiting } = this.db;
    expect([locks.size, claims.size, transactions.size, waiting.length]).toEqual([0, 0, 0, 0]);
  }
}
const end = fc.constantFrom('commit' as const, 'commit' as const, 'rollback' as const);
const stepsOf = (op: fc.Arbitrary<RowOp>): fc.Arbitrary<[number, RowOp | 'commit' | 'rollback'][]> =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.oneof({ weight: 3, arbitrary: op }, end)), { maxLength: 60 });

it('interleaved transactions: every statement is answered once, unique holds, store.applied replays, nothing stays locked', () => {
  fc.assert(
    fc.property(stepsOf(rowOp), (steps) => {
      const run = new Interleaving();
      for (const [connection, op] of steps) run.step(connection, op);
      run.finish();
      const rows = stateOf(run.db);
      expect(replay(run.outputs)).toEqual(rows);
      const uniques = rows.map((row) => row['u']).filter((value) => value !== null);
      expect(new Set(uniques).size).toBe(uniques.length);
    }),
    { numRuns: 400 },
  );
});

it('interleaved increments: exactly those of committed transactions are in the rows, none lost, none doubled', () => {
  const increment = where.map((clause): RowOp => ({
    op: 'update',
    table: 't',
    where: clause,
    set: {},
    increment: { n: 1 },
  }));
  const seeded = [0, 1, 2, 3, 4].map((key): TableRow => ({ id: key, n: 0, u: null }));
  fc.assert(
    fc.property(stepsOf(increment), (steps) => {
      const run = new Interleaving(seeded);
      for (const [connection, op] of steps) run.step(connection, op);
      run.finish();
      const expected = new Map(seeded.map((row) => [row['id'], 0]));
      for (const { asked } of run.sessions) {
        const last = asked.at(-1);
        if (last?.op.op !== 'commit' || run.answers.get(last.id)?.ok !== true) continue;
        for (const { id: question } of asked) {
          const result = run.answers.get(question);
          const rows = result?.ok === true ? ((result.value as { rows?: TableRow[] } | null)?.rows ?? []) : [];
          expect(new Set(rows.map((row) => row['id'])).size).toBe(rows.length);
          for (const row of rows) expected.set(row['id'], (expected.get(row['id']) ?? 0) + 1);
        }
      }
      expect(stateOf(run.db).map((row) => row['n'])).toEqual([...expected.values()]);
    }),
    { numRuns: 400 },
  );
});
