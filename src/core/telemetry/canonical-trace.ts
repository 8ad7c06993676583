import { canonicalize, sortedKeys } from '../base/canonical.ts';
import { isObject } from '../base/json.ts';
import type { Json } from '../base/json.ts';
import { compareKeys } from '../base/order.ts';
import type { EventOf, LogEvent } from '../fabric/event.ts';
import { nodeOf } from '../fabric/message.ts';
import type { TableRow } from '../storage/types.ts';
import type { AnyExecutableNode } from '../topology/schema/types.ts';
import type { RunView } from './view.ts';

/** What is compared between the tab and containers (decision 12): no time, instance, message id or size in it. */
export interface CanonicalEntry {
  /** `handle` a request or delivery, `call` another service, `reply`, `publish`, `fail` a step, `store` a row. */
  event: 'handle' | 'call' | 'reply' | 'publish' | 'fail' | 'store';
  operation: string;
  /** HTTP status of a reply, span status of a handler. */
  status: number | string | null;
  /** Failure code, event type, or row key. */
  code: string | null;
  body: Json;
}
export interface CanonicalTrace {
  traceId: string;
  /** Node id -> what it did, in order; publications after the rest. */
  services: Record<string, CanonicalEntry[]>;
}
/** The part of a document (or of its executable form) that is read. */
export interface CanonicalDocument {
  nodes: Record<string, Pick<AnyExecutableNode, 'kind' | 'config'>>;
}
export interface CanonicalOptions {
  /** Row changes count as entries, too (where both hosts record the trace of a change). Default false: rows are compared by `canonicalRows`. */
  stores?: boolean;
}

/** What stands in for a value that differs from run to run. */
const VOLATILE = '<time>';
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A signed token (RFC 7515 7.1, a JSON header and a JSON payload): every system signs with a key of its own. */
export const TOKENS = /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g;

/** A value with sorted keys, `now()` texts, tokens and public keys masked. */
export function masked(value: Json): Json {
  if (typeof value === 'string') return TIMESTAMP.test(value) ? VOLATILE : value.replace(TOKENS, '<token>');
  if (Array.isArray(value)) return value.map(masked);
  if (!isObject(value)) return value;
  if (typeof value['kty'] === 'string') return '<key>';
  const record: Record<string, Json> = {};
  for (const key of sortedKeys(value)) record[key] = masked(value[key] ?? null);
  return record;
}

/** A body: JSON where it is JSON, else text. */
function bodyOf(text: string | null): Json {
  if (text === null || text === '') return null;
  try {
    return masked(JSON.parse(text) as Json);
  } catch {
    return masked(text);
  }
}

/** Per trace and service the ordered list of what it did. Events may come from several logs: they are put in the order of their keys. Sorted by trace id. */
export function canonicalTrace(
  events: readonly LogEvent[],
  document: CanonicalDocument,
  options: CanonicalOptions = {},
): CanonicalTrace[] {
  const traces = new Map<string, Map<string, CanonicalEntry[]>>();
  const handles = new Map<string, CanonicalEntry>();
  const isActor = (node: string): boolean => {
    const kind = document.nodes[node]?.kind;
    return kind === 'service' || kind === 'gateway';
  };
  const add = (traceId: string, node: string, entry: CanonicalEntry): void => {
    const services = traces.get(traceId) ?? new Map<string, CanonicalEntry[]>();
    traces.set(traceId, services);
    const list = services.get(node) ?? [];
    services.set(node, list);
    list.push(entry);
  };
  /** Traces in which a gateway asked its parts at once, as `trace node`. */
  const atOnce = new Set<string>();
  const owners = options.stores === true ? storeOwners(events) : new Map<string, string>();
  for (const event of [...events].sort(compareKeys)) {
    const node = event.source.includes('#') ? nodeOf(event.source) : event.source;
    if (event.type === 'store.applied') {
      const owner = owners.get(`${event.traceId ?? ''}/${event.store}`) ?? (isActor(node) ? node : undefined);
      if (options.stores !== true || event.traceId === undefined || owner === undefined) continue;
      add(event.traceId, owner, storeEntry(event));
    } else if (!isActor(node)) continue;
    else if (event.type === 'span.started' && (event.kind === 'SERVER' || event.kind === 'CONSUMER')) {
      const entry: CanonicalEntry = {
        event: 'handle',
        operation: event.name,
        status: null,
        code: event.saga === null ? null : `${event.saga.name}/${event.saga.step}`,
        body: null,
      };
      handles.set(event.spanId, entry);
      if (asksAtOnce(document.nodes[node], event.attributes['servarium.route'])) atOnce.add(`${event.traceId} ${node}`);
      add(event.traceId, node, entry);
    } else if (event.type === 'span.ended') {
      // The end is written on the start: whether the reply or the end is logged first is a matter of the host.
      const entry = handles.get(event.spanId);
      if (entry !== undefined) entry.status = event.status;
    } else if (event.type === 'step.failed') {
      const entry: CanonicalEntry = {
        event: 'fail',
        operation: event.step,
        status: null,
        code: event.code,
        body: event.message,
      };
      add(event.traceId, node, entry);
    } else if (event.type === 'message.sent' && event.trace !== null) {
      const entry = messageEntry(event);
      if (entry !== null) add(event.trace.traceId, node, entry);
    }
  }
  return [...traces.keys()].sort().map((traceId) => {
    const services: Record<string, CanonicalEntry[]> = {};
    const found = traces.get(traceId) ?? new Map<string, CanonicalEntry[]>();
    for (const node of [...found.keys()].sort()) {
      const entries = publishedLast(found.get(node) ?? []);
      services[node] = atOnce.has(`${traceId} ${node}`) ? callsByContent(entries) : entries;
    }
    return { traceId, services };
  });
}

/** An outbox relay publishes beside the handler that goes on: only the order of publications among themselves is a promise. */
const publishedLast = (entries: readonly CanonicalEntry[]): CanonicalEntry[] => [
  ...entries.filter((entry) => entry.event !== 'publish'),
  ...entries.filter((entry) => entry.event === 'publish'),
];

/** True for a route that asks its parts in parallel. */
function asksAtOnce(record: CanonicalDocument['nodes'][string] | undefined, route: Json | undefined): boolean {
  if (record?.kind !== 'gateway' || !('routes' in record.config)) return false;
  const action = record.config.routes.find(({ id }) => id === route)?.action;
  return action?.kind === 'aggregate' && action.mode === 'parallel';
}

/** Which of several calls made at once leaves first depends on whose address has to be looked up: their places are filled in the order of their content. */
function callsByContent(entries: readonly CanonicalEntry[]): CanonicalEntry[] {
  const textOf = (entry: CanonicalEntry): string => canonicalize(entry as unknown as Json);
  const calls = entries.filter((entry) => entry.event === 'call').sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  return entries.map((entry) => (entry.event === 'call' ? (calls.shift() ?? entry) : entry));
}

/** Calls, replies and publications; queries, confirms, acknowledgements, discovery and heartbeats are how, not what. */
function messageEntry(event: EventOf<'message.sent'>): CanonicalEntry | null {
  const { payload, operation } = event;
  switch (payload.kind) {
    case 'http.request':
      return { event: 'call', operation, status: null, code: null, body: bodyOf(payload.body) };
    case 'http.reply':
      return { event: 'reply', operation, status: payload.status, code: null, body: bodyOf(payload.body) };
    case 'grpc.request':
      return { event: 'call', operation, status: null, code: null, body: bodyOf(payload.json) };
    case 'grpc.message':
      return { event: 'reply', operation, status: null, code: null, body: bodyOf(payload.json) };
    case 'grpc.reply':
      return { event: 'reply', operation, status: payload.status, code: null, body: bodyOf(payload.json) };
    case 'amqp.publish': {
      const { key, type, body } = payload.message;
      return { event: 'publish', operation: key, status: null, code: type, body: bodyOf(body) };
    }
    default:
      return null;
  }
}

/** Which service changed a store in a trace: the one whose statements it got. */
function storeOwners(events: readonly LogEvent[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const event of events) {
    if (event.type !== 'message.sent' || event.payload.kind !== 'db.query' || event.trace === null) continue;
    owners.set(`${event.trace.traceId}/${nodeOf(event.to)}`, nodeOf(event.from));
  }
  return owners;
}

function storeEntry(event: EventOf<'store.applied'>): CanonicalEntry {
  const verb = event.after === null ? 'DELETE' : event.before === null ? 'INSERT' : 'UPDATE';
  return {
    event: 'store',
    operation: `${verb} ${event.table}`,
    status: null,
    code: event.key,
    body: masked(event.after),
  };
}

/** Store -> table -> primary key as canonical JSON -> row. */
export type CanonicalRows = Record<string, Record<string, Record<string, TableRow>>>;

/** Final rows of the declared tables by primary key, columns of type `time` and `now()` texts masked; tables that are not declared (outbox) are internal and left out. */
export function canonicalRows(view: Pick<RunView, 'tables'>, document: CanonicalDocument): CanonicalRows {
  const stores: CanonicalRows = {};
  for (const node of sortedKeys(document.nodes)) {
    const record = document.nodes[node];
    if (record?.kind !== 'database' || !('tables' in record.config)) continue;
    const tables: Record<string, Record<string, TableRow>> = {};
    for (const table of [...record.config.tables].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const times = table.columns.filter((column) => column.type === 'time').map((column) => column.name);
      const found = view.tables.get(`${node}/${table.name}`) ?? new Map<string, TableRow>();
      const rows: Record<string, TableRow> = {};
      for (const key of [...found.keys()].sort()) rows[key] = maskedRow(found.get(key) ?? {}, times);
      tables[table.name] = rows;
    }
    stores[node] = tables;
  }
  return stores;
}

function maskedRow(row: TableRow, times: readonly string[]): TableRow {
  const result: TableRow = {};
  for (const column of sortedKeys(row)) {
    const value = row[column] ?? null;
    result[column] = times.includes(column) && value !== null ? VOLATILE : masked(value);
  }
  return result;
}

/** First differences between two canonical forms in words, at most `limit`; empty when they are equal. */
export function canonicalDifferences(left: Json, right: Json, limit = 20): string[] {
  const found: string[] = [];
  compare(left, right, '', found, limit);
  return found;
}

function compare(left: Json, right: Json, at: string, found: string[], limit: number): void {
  if (found.length >= limit) return;
  if (Array.isArray(left) && Array.isArray(right)) {
    for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
      compare(left[index] ?? null, right[index] ?? null, `${at}/${index}`, found, limit);
    }
  } else if (isObject(left) && isObject(right)) {
    for (const key of [...new Set([...sortedKeys(left), ...sortedKeys(right)])].sort()) {
      compare(left[key] ?? null, right[key] ?? null, `${at}/${key}`, found, limit);
    }
  } else if (canonicalize(left) !== canonicalize(right)) {
    found.push(`${at || '/'}: ${canonicalize(left)} is not ${canonicalize(right)}`);
  }
}
