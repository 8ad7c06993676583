import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalize } from '../../src/core/base/canonical.ts';
import type { Json } from '../../src/core/base/json.ts';
import type { StoredRow, TableRow } from '../../src/core/storage/types.ts';
import { EVENTS_PORT } from '../../src/core/compose/container-spec.ts';
import { storeTables } from '../../src/core/compose/store-tables.ts';
import type { VerifySpec } from '../../src/core/compose/verification.ts';
import type { LogEvent } from '../../src/core/fabric/event.ts';
import { nodeOf } from '../../src/core/fabric/message.ts';
import type { RpcCodec } from '../../src/core/grpc/codec.ts';
import { grpcCodecOf } from '../../src/core/grpc/known-codecs.ts';
import { compileTopology } from '../../src/core/topology/compile.ts';
import { AskingInbox } from '../../src/hosts/node/asking-inbox.ts';
import { grpcCarrier } from '../../src/hosts/node/carriers/grpc-client.ts';
import { plainHeaders } from '../../src/hosts/node/carriers/http-client.ts';
import { postgresCarrier } from '../../src/hosts/node/carriers/postgres.ts';
import type { HostUnderTest } from '../../src/hosts/contract/contract-tools.ts';
import { hostContract } from '../../src/hosts/contract/host-contract.suite.ts';
import { DEADLINE_MS } from '../../src/hosts/contract/workshop-client.ts';
import { workshop } from '../../src/hosts/contract/workshop.ts';
import { buildRuntime, exported, patient, record, Stack, whyNoEngine } from './stack.ts';

const reason = whyNoEngine();
if (reason !== null) console.log(`SKIP engine: ${reason}`);

const PORT = 18_481;
/** Host ports that the test opens for itself: to look into the databases, to call over gRPC, to read events. */
const DATABASE_PORTS: Record<string, number> = { 'maker-db': 15_432, 'depot-db': 15_433 };
const GRPC_AT = 15_434;
const FEEDS: Record<string, number> = { gateway: 15_435, app: 15_436 };
const REQUESTS = 20;
/** Calls per second of the drawn client, when it is started. */
const LOAD = 20;

interface ContainerHost extends HostUnderTest {
  stack(): Stack;
  /** Events of a container so far. */
  events(node: string): Promise<LogEvent[]>;
}

/** The exported stack as a host: requests over the published port, rows straight from PostgreSQL. */
function containerHost(): ContainerHost {
  let stack: Stack | null = null;
  let tablesOf: (store: string) => ReturnType<typeof storeTables>;
  let rpcs: ReadonlyMap<string, RpcCodec>;
  const started = (): Stack => {
    if (stack === null) throw new Error('not started');
    return stack;
  };
  return {
    stack: started,
    async events(node) {
      const text = await (await fetch(`http://127.0.0.1:${FEEDS[node]}/events?after=0`)).text();
      return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as LogEvent]));
    },
    async start(document) {
      if (stack !== null) return;
      const { app, depot } = document.nodes;
      if (app?.kind === 'client') app.config.load = { model: 'open', ratePerSecond: LOAD, arrival: 'constant' };
      const codec = depot?.kind === 'service' ? grpcCodecOf(depot.config.grpc?.proto ?? '') : null;
      if (codec?.ok === true) rpcs = codec.value.rpcs;
      const topology = compileTopology(document);
      tablesOf = (store) => storeTables(store, topology);
      const files = exported(document, 'zip', await buildRuntime(), record(patient(document), REQUESTS));
      stack = new Stack(files, { project: 'contract', port: PORT });
      const ports: [string, number, number][] = [
        ...Object.entries(DATABASE_PORTS).map(([name, port]): [string, number, number] => [name, port, 5432]),
        ...Object.entries(FEEDS).map(([name, port]): [string, number, number] => [name, port, EVENTS_PORT]),
        ['depot', GRPC_AT, depot?.kind === 'service' ? (depot.config.grpc?.port ?? 0) : 0],
      ];
      const opened = ports.map(([name, port, inside]) => `  ${name}: { ports: ["127.0.0.1:${port}:${inside}"] }\n`);
      stack.write('compose.override.yaml', `services:\n${opened.join('')}`);
      const up = stack.compose('up', '-d', '--wait');
      if (up.status !== 0) throw new Error(up.stderr + stack.compose('logs', '--tail', '20').stdout);
    },
    async call(_client, path, message) {
      const rpc = rpcs.get(path.slice(1));
      const encoded = rpc?.input.encode(message);
      if (encoded?.ok !== true) throw new Error(`no message of ${path}`);
      const inbox = new AskingInbox();
      // The carrier that a client's container has.
      const carrier = grpcCarrier(
        inbox,
        () => `127.0.0.1:${GRPC_AT}`,
        () => rpc ?? null,
      );
      const { bytes } = encoded.value;
      const end = await inbox.call(carrier, { path, metadata: {}, timeoutUs: DEADLINE_MS * 1000, bytes, json: '{}' });
      await carrier.close();
      if (typeof end === 'string') throw new Error(end);
      return { ...end, messages: end.messages.map(({ json }) => JSON.parse(json) as Json) };
    },
    scale(service, replicas) {
      const scaled = started().compose(
        'up',
        '-d',
        '--no-recreate',
        '--no-deps',
        '--scale',
        `${service}=${replicas}`,
        service,
      );
      return scaled.status === 0 ? Promise.resolve() : Promise.reject(new Error(scaled.stderr));
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
    stop: () => Promise.resolve(stack?.remove()),
  };
}

describe.skipIf(reason !== null)('exported', () => {
  const host = containerHost();
  beforeAll(() => host.start(workshop()));

  test('RP1 RP2 SR3 GW12 what the tab recorded is answered in the same way, traces and rows equal: clients over gRPC and HTTP, checks by the gateway, blocking queries', () => {
    const { recording } = JSON.parse(host.stack().read('verify/recording.json')) as VerifySpec;
    const kinds = recording.requests.map(({ request, reply }) => `${request.path.split('?')[0]} ${reply.status}`);
    expect([...new Set(kinds)].sort()).toEqual([
      '/api/grpc/i-1 200',
      '/api/whole 404',
      '/depot.v1.Depot/CountShelves 0',
      '/depot.v1.Depot/GetShelf 5',
      '/depot.v1.Depot/KeepMood 0',
    ]);
    const verified = host.stack().verify();
    expect([verified.status, verified.failed], verified.stdout + verified.stderr).toEqual([0, []]);
    expect(verified.passed).toHaveLength(recording.requests.length + Object.keys(DATABASE_PORTS).length);
  });

  test('SR3 GW12 the gateway keeps its lists by questions that wait, and checks every instance', async () => {
    const sent = (await host.events('gateway')).flatMap((event) => (event.type === 'message.sent' ? [event] : []));
    const waiting = sent.flatMap(({ payload }) =>
      payload.kind === 'registry.discover' && (payload.index ?? 0) > 0 ? [payload.service] : [],
    );
    expect([...new Set(waiting)].sort()).toEqual(['depot', 'maker']);
    const checked = sent.flatMap(({ operation, to }) => (operation === 'check GET /well' ? [nodeOf(to)] : []));
    expect([...new Set(checked)].sort()).toEqual(['depot', 'maker']);
  });

  test('RP1 RP2 the container of a client calls over gRPC by itself: each call is the root of a trace and ends with its status', async () => {
    const up = host.stack().compose('--profile', 'load', 'up', '-d', '--wait', '--no-deps', 'app');
    expect(up.status, up.stderr).toBe(0);
    const ended = async (): Promise<string[]> => {
      const events = await host.events('app');
      const names = new Map(
        events.flatMap((event) => (event.type === 'span.started' ? [[event.spanId, event.name] as const] : [])),
      );
      return events.flatMap((event) =>
        event.type === 'span.ended' && names.get(event.spanId)?.startsWith('depot.') === true
          ? [`${names.get(event.spanId)} ${JSON.stringify(event.attributes['rpc.grpc.status_code'])}`]
          : [],
      );
    };
    const KINDS = ['depot.v1.Depot/CountShelves 0', 'depot.v1.Depot/GetShelf 5', 'depot.v1.Depot/KeepMood 0'];
    await expect.poll(async () => new Set(await ended()).size, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
    expect([...new Set(await ended())].sort()).toEqual(KINDS);
    host.stack().compose('kill', 'app');
  });

  hostContract('containers with PostgreSQL, RabbitMQ and Consul', () => host);
});
