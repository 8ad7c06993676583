import { describe, expect, it } from 'vitest';
import type { DbOp, DbResult } from '../../fabric/message.ts';
import type { TableRow } from '../../storage/types.ts';
import { accRow as row, Bench } from '../testing/database-bench.ts';
import golden from './__golden__/postgres-15.18.json' with { type: 'json' };
import { SQLSTATE, type StoreFailureCode } from './failure.ts';
import { checkDeadlock, clientDown, MAX_SESSIONS, query } from './machine.ts';

const setBalance = (id: number, bal: number, tx?: string): DbOp => ({
  op: 'update',
  table: 'acc',
  where: { id: { eq: id } },
  set: { bal },
  increment: {},
  ...(tx ? { tx } : {}),
});
const sqlText = (result: DbResult | undefined): string =>
  result === undefined ? 'waits' : result.ok ? 'ok' : `${SQLSTATE[result.code as StoreFailureCode]} ${result.message}`;

describe('DB1 READ COMMITTED against the PostgreSQL recording', () => {
  const expected = golden.readCommitted;

  it('has no dirty read', () => {
    const bench = new Bench();
    bench.begin('a', 'b');
    bench.now(setBalance(1, 0, 'a'));
    expect(bench.balance(1, 'a')).toBe(0);
    expect(bench.balance(1, 'b')).toBe(expected.dirtyRead);
  });

  it('has the non-repeatable read', () => {
    const bench = new Bench();
    bench.begin('b');
    const first = bench.balance(1, 'b');
    bench.now(setBalance(1, 50));
    expect([first, bench.balance(1, 'b')]).toEqual(expected.nonRepeatable);
  });

  it('loses the first of two updates: the second writer waits, then writes', () => {
    const bench = new Bench();
    bench.begin('a', 'b');
    bench.now(setBalance(1, 70, 'a'));
    const second = bench.ask(setBalance(1, 50, 'b'));
    expect(bench.results.has(second)).toBe(false);
    bench.now({ op: 'commit', tx: 'a' });
    expect(sqlText(bench.results.get(second))).toBe(expected.lostUpdateSecondWrite);
    bench.now({ op: 'commit', tx: 'b' });
    expect(bench.balance(1)).toBe(expected.lostUpdateFinal);
  });

  it('allows write skew', () => {
    const bench = new Bench();
    bench.begin('a', 'b');
    const debit = (id: number, tx: string): DbOp =>
      ({ ...setBalance(id, 0, tx), set: {}, increment: { bal: -150 } }) as DbOp;
    bench.now(debit(1, 'a'));
    bench.now(debit(2, 'b'));
    const ends = [bench.now({ op: 'commit', tx: 'a' }), bench.now({ op: 'commit', tx: 'b' })].map(sqlText);
    expect([...ends, (bench.balance(1) as number) + (bench.balance(2) as number)]).toEqual(expected.writeSkew);
  });

  it('sees the phantom', () => {
    const bench = new Bench();
    bench.begin('b');
    const count = (): number => (bench.value({ op: 'find', tx: 'b', table: 'acc', where: {} }) as unknown[]).length;
    const first = count();
    bench.now({ op: 'insert', table: 'acc', row: row(3, 1) });
    expect([first, count()]).toEqual(expected.phantom);
  });

  it('checks the WHERE again on the new version after a wait, and does not take rows that match only now', () => {
    const bench = new Bench();
    bench.begin('a');
    bench.now(setBalance(1, 10, 'a'));
    bench.now(setBalance(2, 10, 'a'));
    const second = bench.ask({
      op: 'update',
      table: 'acc',
      where: { bal: { eq: 100 } },
      set: { bal: 0 },
      increment: {},
    });
    bench.now({ op: 'insert', table: 'acc', row: row(3, 100) });
    bench.now({ op: 'commit', tx: 'a' });
    expect(bench.results.get(second)).toEqual({ ok: true, value: { count: 0, rows: [] } });
    expect(bench.balance(3)).toBe(100);
  });
});

describe('DB2 locks and constraints against the PostgreSQL recording', () => {
  it('makes the loser of a unique race wait, then fail, or succeed when the winner rolls back', () => {
    for (const end of ['commit', 'rollback'] as const) {
      const bench = new Bench();
      bench.begin('a', 'b');
      bench.now({ op: 'insert', tx: 'a', table: 'acc', row: row(9, 1) });
      const loser = bench.ask({ op: 'insert', tx: 'b', table: 'acc', row: row(9, 2) });
      expect(bench.results.has(loser)).toBe(false);
      bench.now({ op: end, tx: 'a' });
      expect(sqlText(bench.results.get(loser))).toBe(end === 'commit' ? golden.readCommitted.uniqueRace : 'ok');
    }
  });

  it('makes an insert wait for the transaction that is deleting the row in its way', () => {
    for (const end of ['commit', 'rollback'] as const) {
      const bench = new Bench();
      bench.begin('a');
      bench.now({ op: 'delete', tx: 'a', table: 'acc', where: { id: { eq: 1 } } });
      const insert = bench.ask({ op: 'insert', table: 'acc', row: row(1, 7) });
      expect(bench.results.has(insert)).toBe(false);
      bench.now({ op: end, tx: 'a' });
      expect(bench.results.get(insert)?.ok).toBe(end === 'commit');
      expect(bench.balance(1)).toBe(end === 'commit' ? 7 : 100);
    }
  });

  it('counts 1 then 0 rows for an optimistic lock', () => {
    const bench = new Bench();
    const attempt = (): unknown =>
      bench.value({
        op: 'update',
        table: 'acc',
        where: { id: { eq: 1 }, ver: { eq: 0 } },
        set: {},
        increment: { ver: 1 },
      });
    const counts = [attempt(), attempt()].map((value) => (value as { count: number }).count);
    expect(counts).toEqual(golden.readCommitted.optimisticRowCounts);
  });

  it('ends a deadlock with one victim, the first waiter once its timer finds the cycle; the other goes on', () => {
    const bench = new Bench();
    bench.begin('a', 'b');
    bench.now(setBalance(1, 1, 'a'));
    bench.now(setBalance(2, 1, 'b'));
    const first = bench.ask(setBalance(2, 2, 'a'));
    bench.take(checkDeadlock(bench.db, 99));
    const second = bench.ask(setBalance(1, 2, 'b'));
    expect([bench.results.has(first), bench.results.has(second)]).toEqual([false, false]);
    bench.take(checkDeadlock(bench.db, bench.waits[0]!));
    expect(sqlText(bench.results.get(first))).toBe(golden.deadlock.firstWaiter);
    expect(sqlText(bench.results.get(second))).toBe(golden.deadlock.secondWaiter);
    expect(bench.now({ op: 'commit', tx: 'b' }).ok).toBe(true);
    expect([bench.balance(1), bench.balance(2)]).toEqual([2, 1]);
  });

  it('leaves a mere wait alone when its timer fires', () => {
    const bench = new Bench();
    bench.begin('a');
    bench.now(setBalance(1, 1, 'a'));
    const waits = bench.ask(setBalance(1, 2));
    bench.take(checkDeadlock(bench.db, bench.waits[0]!));
    expect(bench.results.has(waits)).toBe(false);
  });

  it('goes on where it waited: a row that the statement wrote before is not written again', () => {
    const bench = new Bench();
    bench.begin('a');
    bench.now(setBalance(2, 7, 'a'));
    const all = bench.ask({ op: 'update', table: 'acc', where: {}, set: {}, increment: { bal: 1 } });
    bench.now({ op: 'commit', tx: 'a' });
    expect(bench.valueOf(all)).toMatchObject({ count: 2 });
    expect([bench.balance(1), bench.balance(2)]).toEqual([101, 8]);
  });

  it('serves waiters in the order in which they came', () => {
    const bench = new Bench();
    bench.begin('a');
    bench.now(setBalance(1, 1, 'a'));
    const add = (): string =>
      bench.ask({ op: 'update', table: 'acc', where: { id: { eq: 1 } }, set: {}, increment: { bal: 1 } });
    const ids = [add(), add(), add()];
    bench.now({ op: 'commit', tx: 'a' });
    const seen = ids.map((id) => (bench.valueOf(id) as { rows: TableRow[] }).rows[0]?.['bal']);
    expect(seen).toEqual([2, 3, 4]);
  });
});

describe('transactions', () => {
  it('undoes everything at a failure, refuses more, and frees the locks at once', () => {
    const bench = new Bench();
    bench.begin('a');
    bench.now(setBalance(2, 0, 'a'));
    expect(bench.value({ op: 'insert', tx: 'a', table: 'acc', row: row(1, 1) })).toBe('unique_violation');
    expect(bench.value({ op: 'get', tx: 'a', table: 'acc', key: 1 })).toBe('transaction_aborted');
    expect(bench.now(setBalance(2, 7)).ok).toBe(true);
    expect(bench.value({ op: 'commit', tx: 'a' })).toBe('transaction_aborted');
    expect(bench.balance(2)).toBe(7);
    expect(bench.value({ op: 'commit', tx: 'a' })).toBe('no_transaction');
    expect(bench.value({ op: 'rollback', tx: 'a' })).toBe(null);
  });

  it('keeps the transactions of two clients with one name apart', () => {
    const bench = new Bench();
    bench.now({ op: 'begin', tx: 't' }, 'x#0');
    bench.now({ op: 'begin', tx: 't' }, 'y#0');
    bench.now(setBalance(1, 5, 't'), 'x#0');
    bench.now({ op: 'rollback', tx: 't' }, 'y#0');
    bench.now({ op: 'commit', tx: 't' }, 'x#0');
    expect(bench.balance(1)).toBe(5);
  });

  it('rolls back the open transactions of a dead client and lets its waiters go on', () => {
    const bench = new Bench();
    bench.now({ op: 'begin', tx: 't' }, 'dead#0');
    bench.now(setBalance(1, 5, 't'), 'dead#0');
    const waits = bench.ask(setBalance(1, 6));
    bench.take(clientDown(bench.db, 'dead#0'));
    expect(bench.results.get(waits)?.ok).toBe(true);
    expect(bench.balance(1)).toBe(6);
    expect([bench.db.transactions.size, bench.db.locks.size, bench.db.claims.size]).toEqual([0, 0, 0]);
  });

  it('runs the statements of one transaction one after the other, even when one waits', () => {
    const bench = new Bench();
    bench.begin('a', 'b');
    bench.now(setBalance(1, 1, 'a'));
    const waits = bench.ask(setBalance(1, 2, 'b'));
    const read = bench.ask({ op: 'get', tx: 'b', table: 'acc', key: 1 });
    const commit = bench.ask({ op: 'commit', tx: 'b' });
    const late = bench.ask({ op: 'get', tx: 'b', table: 'acc', key: 1 });
    expect([waits, read, commit].map((id) => bench.results.has(id))).toEqual([false, false, false]);
    bench.now({ op: 'commit', tx: 'a' });
    expect(bench.results.get(read)).toEqual({ ok: true, value: row(1, 2) });
    expect(bench.results.get(commit)?.ok).toBe(true);
    expect(bench.results.get(late)).toMatchObject({ ok: false, code: 'no_transaction' });
  });

  it('refuses more sessions than the limit and says so', () => {
    const bench = new Bench();
    for (let index = 0; index < MAX_SESSIONS; index += 1) bench.now({ op: 'begin', tx: `t${index}` });
    const outputs = query(bench.db, { id: 'x', client: 'svc#0', query: { op: 'begin', tx: 'more' } });
    expect(outputs).toMatchObject([
      { type: 'limit', limit: 'MAX_SESSIONS' },
      { result: { code: 'too_many_connections' } },
    ]);
    expect(bench.now({ op: 'rollback', tx: 't0' }).ok).toBe(true);
    expect(bench.now({ op: 'begin', tx: 'more' }).ok).toBe(true);
  });
});
