import { canonicalize } from '../../base/canonical.ts';
import type { DbOp, DbResult } from '../../fabric/message.ts';
import type { TableRow } from '../../storage/types.ts';
import type { Table } from '../../topology/schema/types.ts';
import { createDatabase, query, type Database, type Output } from '../database/machine.ts';

/** The table of the PostgreSQL recording. */
export const acc: Table = {
  name: 'acc',
  primaryKey: 'id',
  columns: [
    { name: 'id', type: 'int', nullable: false },
    { name: 'bal', type: 'int', nullable: true },
    { name: 'ver', type: 'int', nullable: false },
  ],
};
/** A row of it. */
export const accRow = (id: number, bal: number): TableRow => ({ id, bal, ver: 0 });

/** Two connections over one store; `results` fills as answers come. */
export class Bench {
  readonly db: Database;
  readonly results = new Map<string, DbResult>();
  readonly applied: Output[] = [];
  readonly waits: number[] = [];
  private asked = 0;
  constructor(tables: Table[] = [acc], rows: TableRow[] = [accRow(1, 100), accRow(2, 100)]) {
    this.db = createDatabase(
      tables,
      rows.map((entry) => ({
        table: tables[0]!.name,
        key: canonicalize(entry[tables[0]!.primaryKey] ?? null),
        row: entry,
      })),
    );
  }
  take(outputs: Output[]): void {
    for (const output of outputs) {
      if (output.type === 'result') this.results.set(output.id, output.result);
      else if (output.type === 'waiting') this.waits.push(output.wait);
      else if (output.type === 'applied') this.applied.push(output);
    }
  }
  /** Asks and returns the id under which the answer will stand. */
  ask(op: DbOp, client = 'svc#0'): string {
    this.asked += 1;
    const id = `q${this.asked}`;
    this.take(query(this.db, { id, client, query: op }));
    return id;
  }
  now(op: DbOp, client?: string): DbResult {
    const result = this.results.get(this.ask(op, client));
    if (result === undefined) throw new Error(`${op.op} waits`);
    return result;
  }
  value(op: DbOp): unknown {
    const result = this.now(op);
    return result.ok ? result.value : result.code;
  }
  /** What a later answer holds: its value, its failure code, or undefined while it waits. */
  valueOf(id: string): unknown {
    const result = this.results.get(id);
    return result?.ok === true ? result.value : result?.code;
  }
  begin(...txs: string[]): void {
    for (const tx of txs) this.now({ op: 'begin', tx });
  }
  balance(id: number, tx?: string): unknown {
    return (this.value({ op: 'get', table: 'acc', key: id, ...(tx ? { tx } : {}) }) as TableRow | null)?.['bal'];
  }
}
