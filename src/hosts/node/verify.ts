import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { canonicalize } from '../../core/base/canonical.ts';
import type { Json } from '../../core/base/json.ts';
import type { RecordedRequest, VerifySpec } from '../../core/compose/verification.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { HttpReply } from '../../core/fabric/message.ts';
import { headerOf } from '../../core/http/headers.ts';
import { injectTrace } from '../../core/http/trace-context.ts';
import type { StoredRow, TableRow } from '../../core/storage/types.ts';
import {
  canonicalDifferences,
  canonicalRows,
  canonicalTrace,
  masked,
  TOKENS,
} from '../../core/telemetry/canonical-trace.ts';
import type { Table } from '../../core/topology/schema/types.ts';
import { AskingInbox } from './asking-inbox.ts';
import { textOf } from './carrier.ts';
import { httpCarrier } from './carriers/http-client.ts';
import { mongoCarrier } from './carriers/mongo.ts';
import { postgresCarrier } from './carriers/postgres.ts';
import { NEXT_HEADER } from './event-feed.ts';
import { rpcReplyTo } from './verify-rpc.ts';

/** How long the last event of one request may take, in ms; `VERIFY_TIMEOUT_MS` in the environment changes it. */
const TRACE_TIMEOUT_MS = 8_000;
/** Quiet time before the final comparison: what comes twice or too late shows up in it. ms */
const QUIET_MS = 1_000;
const POLL_MS = 25;
/** Most that one request waits for budgets, all its tries together. ms */
const MAX_PAUSE_MS = 10_000;
/** Differences shown per request or store. */
const SHOWN = 5;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Reads the events of all containers and keeps those of the recorded traces. */
export class EventReader {
  private readonly byTrace = new Map<string, LogEvent[]>();
  private readonly next = new Map<string, string>();
  private readonly sources: VerifySpec['sources'];

  constructor(sources: VerifySpec['sources'], traces: Iterable<string>) {
    this.sources = sources;
    for (const trace of traces) this.byTrace.set(trace, []);
  }

  /** What was read of a trace so far does not count. */
  forget(trace: string): void {
    this.byTrace.set(trace, []);
  }

  eventsOf(trace: string): LogEvent[] {
    return this.byTrace.get(trace) ?? [];
  }

  /** One round over all containers; a name is looked up each time, because replicas come and go. */
  async poll(): Promise<void> {
    await Promise.all(
      this.sources.map(async ({ host, port }) => {
        const addresses = await lookup(host, { all: true, family: 4 });
        await Promise.all(addresses.map(({ address }) => this.read(`${address}:${port}`)));
      }),
    );
  }

  private async read(at: string): Promise<void> {
    const response = await fetch(`http://${at}/events?after=${this.next.get(at) ?? 'last'}`, {
      signal: AbortSignal.timeout(5_000),
    });
    this.next.set(at, response.headers.get(NEXT_HEADER) ?? '0');
    for (const line of (await response.text()).split('\n')) {
      if (line === '') continue;
      const event = JSON.parse(line) as LogEvent;
      const traceId =
        'traceId' in event ? event.traceId : event.type === 'message.sent' ? event.trace?.traceId : undefined;
      if (typeof traceId === 'string') this.byTrace.get(traceId)?.push(event);
    }
  }
}

/** A body as it is compared: JSON in canonical form, the texts of `now()`, tokens and keys masked. */
function comparable(body: string | null): Json {
  if (body === null || body === '') return null;
  try {
    return canonicalize(masked(JSON.parse(body) as Json));
  } catch {
    return masked(body);
  }
}

/** Tokens of the tab and those that these containers issued in their place: who logs in here gets another one than there. */
function learnTokens(tokens: Map<string, string>, recorded: string | null, got: string | null): void {
  const [theirs, ours] = [recorded, got].map((body) => body?.match(TOKENS) ?? []);
  theirs?.forEach((token, index) => {
    const own = ours?.[index];
    if (own !== undefined) tokens.set(token, own);
  });
}
const withOwnTokens = (headers: Record<string, string>, tokens: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value.replace(TOKENS, (token) => tokens.get(token) ?? token),
    ]),
  );

/** How long a reply asks to wait for a budget that the tab had not used up, where requests came seconds apart; 0 = the reply counts. ms */
function pauseMs(reply: HttpReply, recorded: RecordedRequest): number {
  if (reply.status !== 429 || recorded.reply.status === 429) return 0;
  const seconds = Number(headerOf(reply.headers, 'retry-after') ?? 0);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

/** Sends a recorded request with this export's tokens, again when a budget needs time; the words say why there is no reply. */
async function replyTo(
  spec: VerifySpec,
  reader: EventReader,
  recorded: RecordedRequest,
  tokens: Map<string, string>,
): Promise<{ reply: HttpReply | string; waitedMs: number }> {
  const entry = spec.entries[recorded.entry];
  if (!entry) return { reply: `no such entry (${recorded.entry})`, waitedMs: 0 };
  const { method, path, headers, body } = recorded.request;
  const sent = injectTrace(withOwnTokens(headers, tokens), { traceId: recorded.traceId, spanId: recorded.spanId });
  const { rpc } = recorded;
  if (rpc !== undefined) return { reply: await rpcReplyTo(spec, { ...recorded, rpc }, sent), waitedMs: 0 };
  for (let waitedMs = 0; ;) {
    // Not fetch: that refuses ports which browsers consider unsafe, and any port may be drawn.
    const inbox = new AskingInbox();
    const carrier = httpCarrier(inbox, () => `${entry.host}:${entry.port}`);
    const reply = await inbox.ask(carrier, { kind: 'http.request', method, path, headers: sent, body });
    await carrier.close();
    if (typeof reply === 'string') return { reply: `no reply: ${reply}`, waitedMs };
    if (reply.kind !== 'http.reply') return { reply: `no reply but ${reply.kind}`, waitedMs };
    const pause = pauseMs(reply, recorded);
    if (pause <= 0 || waitedMs + pause > MAX_PAUSE_MS) return { reply, waitedMs };
    await sleep(pause);
    waitedMs += pause;
    // The refusal is no part of what is compared.
    await reader.poll();
    reader.forget(recorded.traceId);
  }
}

/** Differences between the recorded reply and the one that came. */
function replyDifferences(recorded: RecordedRequest, reply: HttpReply | string): string[] {
  if (typeof reply === 'string') return [reply];
  const found: string[] = [];
  const words = recorded.rpc === undefined ? 'status' : 'gRPC status';
  if (reply.status !== recorded.reply.status) found.push(`${words} ${reply.status}, expected ${recorded.reply.status}`);
  const [got, expected] = [comparable(reply.body), comparable(recorded.reply.body)];
  if (got !== expected) found.push(`body ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`);
  return found;
}

function traceDifferences(spec: VerifySpec, reader: EventReader, recorded: RecordedRequest): string[] {
  const events = reader.eventsOf(recorded.traceId);
  const found = canonicalTrace(events, { nodes: spec.nodes })[0] ?? { traceId: recorded.traceId, services: {} };
  return canonicalDifferences(recorded.trace, found as unknown as Json, SHOWN).map(
    (text) => `trace ${text} (recorded is not container)`,
  );
}

async function waitForTrace(spec: VerifySpec, reader: EventReader, recorded: RecordedRequest): Promise<void> {
  const deadline = Date.now() + Number(process.env['VERIFY_TIMEOUT_MS'] ?? TRACE_TIMEOUT_MS);
  for (;;) {
    await reader.poll();
    if (traceDifferences(spec, reader, recorded).length === 0 || Date.now() > deadline) return;
    await sleep(POLL_MS);
  }
}

/** Every row of the declared tables of one store, as the containers' own adapters read it. */
async function storedRows(store: VerifySpec['stores'][string]): Promise<Map<string, TableRow[]>> {
  const { connection, tables } = store;
  if (connection.kind !== 'postgresql' && connection.kind !== 'mongodb') return new Map();
  const password = readFileSync(connection.passwordFile, 'utf8').trim();
  const { host, port, database, user, kind } = connection;
  const inbox = new AskingInbox();
  const options = { host, port, database, user, password, tables };
  const carrier = kind === 'postgresql' ? postgresCarrier(inbox, options) : mongoCarrier(inbox, options);
  const rows = new Map<string, TableRow[]>();
  for (const table of tables) {
    const result = await inbox.query(carrier, { op: 'find', table: table.name, where: {} });
    if (!result.ok) throw new Error(result.message);
    rows.set(table.name, result.value as TableRow[]);
  }
  await carrier.close();
  return rows;
}

/** Rows by table and key in the form that both sides are compared in. */
export function comparableRows(
  store: string,
  tables: readonly Table[],
  rows: Iterable<StoredRow>,
  spec: Pick<VerifySpec, 'nodes'>,
): Json {
  const view = new Map<string, Map<string, TableRow>>();
  for (const table of tables) view.set(`${store}/${table.name}`, new Map());
  for (const row of rows) view.get(`${store}/${row.table}`)?.set(row.key, row.row as TableRow);
  return (canonicalRows({ tables: view }, { nodes: spec.nodes })[store] ?? {}) as unknown as Json;
}

async function rowDifferences(spec: VerifySpec, id: string): Promise<string[]> {
  const store = spec.stores[id];
  if (!store) return [];
  try {
    const found = await storedRows(store);
    const rows = store.tables.flatMap((table) =>
      (found.get(table.name) ?? []).map((row): StoredRow => ({
        table: table.name,
        key: canonicalize(row[table.primaryKey] ?? null),
        row,
      })),
    );
    const expected = comparableRows(id, store.tables, spec.recording.rows[id] ?? [], spec);
    return canonicalDifferences(expected, comparableRows(id, store.tables, rows, spec), SHOWN).map(
      (text) => `rows ${text} (recorded is not container)`,
    );
  } catch (error) {
    return [`rows could not be read: ${textOf(error)}`];
  }
}

/** Replays the recording against the running containers and prints a verdict per request and store, then `N passed, N failed`; returns the exit code. */
export async function runVerify(file: string, say: (text: string) => void): Promise<number> {
  const spec = JSON.parse(readFileSync(file, 'utf8')) as VerifySpec;
  const { requests } = spec.recording;
  const reader = new EventReader(
    spec.sources,
    requests.map((one) => one.traceId),
  );
  // The first round only learns where each log ends now.
  await reader.poll();
  const differences = new Map<string, string[]>();
  const tokens = new Map<string, string>();
  for (const recorded of requests) {
    const { reply, waitedMs } = await replyTo(spec, reader, recorded, tokens);
    if (typeof reply !== 'string') learnTokens(tokens, recorded.reply.body, reply.body);
    differences.set(recorded.id, replyDifferences(recorded, reply));
    if (waitedMs > 0) say(`       ${recorded.id} waited ${waitedMs / 1000} s for a budget`);
    await waitForTrace(spec, reader, recorded);
  }
  await sleep(QUIET_MS);
  await reader.poll();
  let failed = 0;
  const verdict = (name: string, found: string[]): void => {
    if (found.length > 0) failed++;
    say(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
    for (const text of found) say(`       ${text}`);
  };
  for (const recorded of requests) {
    verdict(recorded.id, [...(differences.get(recorded.id) ?? []), ...traceDifferences(spec, reader, recorded)]);
  }
  const stores = Object.keys(spec.stores).sort();
  for (const id of stores) verdict(`rows of ${id}`, await rowDifferences(spec, id));
  say(`${requests.length + stores.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
