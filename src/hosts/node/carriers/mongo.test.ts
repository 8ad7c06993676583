import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mongoScript } from '../../../core/compose/sql.ts';
import type { Table } from '../../../core/topology/schema/types.ts';
import { AskingInbox } from '../asking-inbox.ts';
import { mongoCarrier } from './mongo.ts';

const TABLE: Table = {
  name: 'items',
  primaryKey: 'id',
  columns: [
    { name: 'id', type: 'string', nullable: false },
    { name: 'name', type: 'string', nullable: true },
    { name: 'stars', type: 'int', nullable: false },
  ],
  unique: [['name']],
};

/** The driver is real, the server is our stub of the wire protocol: MongoDB itself is not run here. */
describe('MongoDB adapter against the stub', () => {
  const folder = mkdtempSync(join(tmpdir(), 'servarium-mongo-'));
  const inbox = new AskingInbox();
  let stub: ChildProcess;
  let port = 0;
  const carrierWith = (password: string) =>
    mongoCarrier(inbox, { host: '127.0.0.1', port, database: 'app', user: 'app', password, tables: [TABLE] });
  let carrier: ReturnType<typeof carrierWith>;

  beforeAll(async () => {
    cpSync('e2e/conformance/stubs/mongo/server.mjs', join(folder, 'server.mjs'));
    const driver = createRequire(import.meta.url).resolve('mongodb');
    writeFileSync(
      join(folder, 'mongodb.mjs'),
      `import driver from ${JSON.stringify(pathToFileURL(driver).href)};\nexport const { BSON } = driver;\n`,
    );
    writeFileSync(join(folder, 'password'), 'secret\n');
    const rows = [{ table: 'items', key: '"a"', row: { id: 'a', name: 'lamp', stars: 3 } }];
    mkdirSync(join(folder, 'scripts'));
    writeFileSync(join(folder, 'scripts/10-schema.js'), mongoScript([TABLE], rows));
    const env = {
      ...process.env,
      STUB_PORT: '0',
      STUB_SCRIPTS: join(folder, 'scripts'),
      MONGO_INITDB_ROOT_USERNAME: 'app',
      MONGO_INITDB_ROOT_PASSWORD_FILE: join(folder, 'password'),
      MONGO_INITDB_DATABASE: 'app',
    };
    stub = spawn(process.execPath, [join(folder, 'server.mjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    port = await new Promise<number>((resolve, reject) => {
      stub.on('exit', (code) => reject(new Error(`the stub ended with ${code}`)));
      stub.stdout?.on('data', (data: Buffer) => resolve(Number(/at (\d+)/.exec(data.toString())?.[1])));
    });
    carrier = carrierWith('secret');
  });
  afterAll(async () => {
    await carrier.close();
    stub.kill();
    rmSync(folder, { recursive: true });
  });

  test('initial documents are read by key and without the driver’s own id', async () => {
    expect(await inbox.query(carrier, { op: 'get', table: 'items', key: 'a' })).toEqual({
      ok: true,
      value: { id: 'a', name: 'lamp', stars: 3 },
    });
    expect(await inbox.query(carrier, { op: 'get', table: 'items', key: 'b' })).toEqual({ ok: true, value: null });
  });

  test('insert, unique key and unique index, types and absent values as in the tab', async () => {
    expect(await inbox.query(carrier, { op: 'insert', table: 'items', row: { id: 'b', stars: 1 } })).toEqual({
      ok: true,
      value: { id: 'b', name: null, stars: 1 },
    });
    for (const row of [
      { id: 'b', stars: 1 },
      { id: 'c', name: 'lamp', stars: 1 },
    ]) {
      expect(await inbox.query(carrier, { op: 'insert', table: 'items', row })).toMatchObject({
        ok: false,
        code: 'unique_violation',
      });
    }
    expect(await inbox.query(carrier, { op: 'insert', table: 'items', row: { id: 1, stars: 1 } })).toMatchObject({
      code: 'invalid_type',
    });
    expect(await inbox.query(carrier, { op: 'get', table: 'nowhere', key: 'a' })).toMatchObject({ code: 'no_table' });
  });

  test('find filters with the logic of SQL and orders with null last', async () => {
    const find = async (where: never): Promise<unknown> => {
      const result = await inbox.query(carrier, { op: 'find', table: 'items', where, orderBy: 'name' });
      return result.ok ? (result.value as { id: string }[]).map((row) => row.id) : result.code;
    };
    expect(await find({} as never)).toEqual(['a', 'b']);
    expect(await find({ name: { eq: null } } as never)).toEqual(['b']);
    expect(await find({ name: { ne: 'x' } } as never)).toEqual(['a']);
    expect(await find({ stars: { gt: 1 }, id: { in: ['a', null] } } as never)).toEqual(['a']);
    expect(await find({ stars: { lt: null } } as never)).toEqual([]);
  });

  test('update sets, increments, counts; delete counts', async () => {
    const update = { op: 'update', table: 'items', set: { name: 'new' }, increment: { stars: 2 } } as const;
    expect(await inbox.query(carrier, { ...update, where: { id: { eq: 'b' } } })).toEqual({
      ok: true,
      value: { count: 1, rows: [{ id: 'b', name: 'new', stars: 3 }] },
    });
    expect(await inbox.query(carrier, { ...update, where: { id: { eq: 'z' } } })).toEqual({
      ok: true,
      value: { count: 0, rows: [] },
    });
    expect(await inbox.query(carrier, { op: 'delete', table: 'items', where: { stars: { gte: 3 } } })).toEqual({
      ok: true,
      value: { count: 2 },
    });
  });

  test('begin and commit pair up; a statement outside of its transaction is refused', async () => {
    expect(await inbox.query(carrier, { op: 'begin', tx: 't' })).toEqual({ ok: true, value: null });
    expect(await inbox.query(carrier, { op: 'get', tx: 't', table: 'items', key: 'a' })).toEqual({
      ok: true,
      value: null,
    });
    expect(await inbox.query(carrier, { op: 'commit', tx: 't' })).toEqual({ ok: true, value: null });
    expect(await inbox.query(carrier, { op: 'get', tx: 't', table: 'items', key: 'a' })).toMatchObject({
      code: 'no_transaction',
    });
  });

  test('a wrong password is a failure with MongoDB’s code', async () => {
    const stranger = carrierWith('guess');
    expect(await inbox.query(stranger, { op: 'get', table: 'items', key: 'a' })).toMatchObject({
      ok: false,
      code: 'mongo_18',
    });
    await stranger.close();
  });
});
