import { describe } from 'vitest';
import { canonicalize } from '../../src/core/base/canonical.ts';
import type { StoredRow, TableRow } from '../../src/core/storage/types.ts';
import { storeTables } from '../../src/core/compose/store-tables.ts';
import { compileTopology } from '../../src/core/topology/compile.ts';
import { AskingInbox } from '../../src/hosts/node/asking-inbox.ts';
import { plainHeaders } from '../../src/hosts/node/carriers/http-client.ts';
import { postgresCarrier } from '../../src/hosts/node/carriers/postgres.ts';
import type { HostUnderTest } from '../../src/hosts/contract/contract-cases.ts';
import { hostContract } from '../../src/hosts/contract/host-contract.suite.ts';
import { buildRuntime, exported, Stack, whyNoEngine } from './stack.ts';

const reason = whyNoEngine();
if (reason !== null) console.log(`SKIP engine: ${reason}`);

const PORT = 18_481;
/** Host ports that the test opens for itself to look into the databases. */
const DATABASE_PORTS: Record<string, number> = { 'maker-db': 15_432, 'depot-db': 15_433 };

/** The exported stack as a host: requests over the published port, rows straight from PostgreSQL. */
function containerHost(): HostUnderTest {
  let stack: Stack;
  let tablesOf: (store: string) => ReturnType<typeof storeTables>;
  return {
    async start(document) {
      const topology = compileTopology(document);
      tablesOf = (store) => storeTables(store, topology);
      stack = new Stack(exported(document, 'zip', await buildRuntime(), null), { project: 'contract', port: PORT });
      const services = Object.entries(DATABASE_PORTS).map(
        ([name, port]) => `  ${name}: { ports: ["127.0.0.1:${port}:5432"] }\n`,
      );
      stack.write('compose.override.yaml', `services:\n${services.join('')}`);
      const up = stack.compose('up', '-d', '--wait');
      if (up.status !== 0) throw new Error(up.stderr + stack.compose('logs', '--tail', '20').stdout);
    },
    async request(_node, { method, path, headers, body }) {
      const init: RequestInit = { method, headers, body };
      const response = await fetch(`http://127.0.0.1:${PORT}${path}`, init);
      const text = await response.text();
      return {
        status: response.status,
        headers: plainHeaders(Object.fromEntries(response.headers)),
        body: text === '' ? null : text,
      };
    },
    async rows(store) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const inbox = new AskingInbox();
      const tables = tablesOf(store);
      const port = DATABASE_PORTS[store] ?? 0;
      const login = { host: '127.0.0.1', port, database: 'app', user: 'app', password: `pw-${store}-password-7f3a` };
      const carrier = postgresCarrier(inbox, { ...login, tables });
      const rows: StoredRow[] = [];
      for (const table of tables) {
        const result = await inbox.query(carrier, { op: 'find', table: table.name, where: {} });
        if (!result.ok) throw new Error(result.message);
        for (const row of result.value as TableRow[])
          rows.push({ table: table.name, key: canonicalize(row[table.primaryKey] ?? null), row });
      }
      await carrier.close();
      return rows;
    },
    stop: () => Promise.resolve(stack.remove()),
  };
}

describe.skipIf(reason !== null)('exported', () =>
  hostContract('containers with PostgreSQL, RabbitMQ and Consul', containerHost),
);
