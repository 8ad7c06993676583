import type { Json } from '../base/json.ts';
import { nodeOf } from '../fabric/message.ts';
import type { RunView, SpanView, TraceView } from './view.ts';

/** OTLP/HTTP JSON (opentelemetry-proto 1.x, JSON mapping): ids in hex, times as strings of nanoseconds, enums as integers. */
type AnyValue = { stringValue: string } | { boolValue: boolean } | { intValue: string } | { doubleValue: number };
interface KeyValue {
  key: string;
  value: AnyValue;
}
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  events: { timeUnixNano: string; name: string; attributes: KeyValue[] }[];
  links: { traceId: string; spanId: string }[];
  status: { code: number; message?: string };
}
interface Resource {
  attributes: KeyValue[];
}
export interface OtlpTraces {
  resourceSpans: {
    resource: Resource;
    scopeSpans: { scope: { name: string; version: string }; spans: OtlpSpan[] }[];
  }[];
}
export interface OtlpLogs {
  resourceLogs: {
    resource: Resource;
    scopeLogs: {
      scope: { name: string; version: string };
      logRecords: {
        timeUnixNano: string;
        severityNumber: number;
        severityText: string;
        body: { stringValue: string };
        traceId?: string;
        spanId?: string;
      }[];
    }[];
  }[];
}

const SPAN_KIND = { INTERNAL: 1, SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 } as const;
const STATUS = { unset: 0, ok: 1, error: 2 } as const;
const SEVERITY = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17 } as const;
const SCOPE = { name: 'servarium', version: '1' };

/** What turns run time into wall time, and node ids into service names. */
export interface OtlpOptions {
  /** Unix nanoseconds of virtual time 0, as decimal digits. */
  epochUnixNano: string;
  /** `service.name` of a node; the node id without it. */
  serviceName?: (node: string) => string;
}

/** Ended spans of the given traces, grouped by instance. Open spans are left out: OTLP sends finished ones. */
export function otlpTraces(traces: Iterable<TraceView>, options: OtlpOptions): OtlpTraces {
  const bySource = new Map<string, OtlpSpan[]>();
  for (const trace of traces) {
    for (const span of trace.spans.values()) {
      if (span.end !== null) group(bySource, span.source).push(otlpSpan(span, span.end, options));
    }
  }
  return {
    resourceSpans: [...bySource.keys()].sort().map((source) => ({
      resource: resourceOf(source, options),
      scopeSpans: [{ scope: SCOPE, spans: bySource.get(source) ?? [] }],
    })),
  };
}

/** The log lines of a projection, grouped by instance. */
export function otlpLogs(view: RunView, options: OtlpOptions): OtlpLogs {
  type LogRecord = OtlpLogs['resourceLogs'][number]['scopeLogs'][number]['logRecords'][number];
  const bySource = new Map<string, LogRecord[]>();
  for (const line of view.logs) {
    group(bySource, line.source).push({
      timeUnixNano: nanos(line.t, options),
      severityNumber: SEVERITY[line.severity],
      severityText: line.severity,
      body: { stringValue: line.text },
      ...(line.traceId === null ? {} : { traceId: line.traceId }),
      ...(line.spanId === null ? {} : { spanId: line.spanId }),
    });
  }
  return {
    resourceLogs: [...bySource.keys()].sort().map((source) => ({
      resource: resourceOf(source, options),
      scopeLogs: [{ scope: SCOPE, logRecords: bySource.get(source) ?? [] }],
    })),
  };
}

function group<T>(groups: Map<string, T[]>, key: string): T[] {
  const known = groups.get(key);
  if (known !== undefined) return known;
  const made: T[] = [];
  groups.set(key, made);
  return made;
}

function resourceOf(source: string, options: OtlpOptions): Resource {
  const node = nodeOf(source);
  const name = options.serviceName?.(node) ?? node;
  return { attributes: [attribute('service.name', name), attribute('service.instance.id', source)] };
}

const nanos = (t: number, options: OtlpOptions): string =>
  (BigInt(options.epochUnixNano) + BigInt(t) * 1000n).toString();

function otlpSpan(span: SpanView, end: number, options: OtlpOptions): OtlpSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === null ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: SPAN_KIND[span.kind],
    startTimeUnixNano: nanos(span.start, options),
    endTimeUnixNano: nanos(end, options),
    attributes: Object.keys(span.attributes)
      .sort()
      .map((key) => attribute(key, span.attributes[key] as Json)),
    events: span.failures.map((failure) => ({
      timeUnixNano: nanos(failure.t, options),
      name: 'exception',
      attributes: [attribute('exception.type', failure.code), attribute('exception.message', failure.message)],
    })),
    links: span.links.flatMap((link) => linkOf(link, span.traceId)),
    status: {
      code: STATUS[span.status],
      ...(span.description === null ? {} : { message: span.description }),
    },
  };
}

/** Links are written as the id of a span of the same trace, or as `traceId-spanId`; anything else is no link. */
function linkOf(text: string, traceId: string): { traceId: string; spanId: string }[] {
  const match = /^(?:([0-9a-f]{32})[-:])?([0-9a-f]{16})$/.exec(text);
  return match?.[2] === undefined ? [] : [{ traceId: match[1] ?? traceId, spanId: match[2] }];
}

function attribute(key: string, value: Json): KeyValue {
  if (typeof value === 'boolean') return { key, value: { boolValue: value } };
  if (typeof value === 'number') {
    return { key, value: Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
  }
  return { key, value: { stringValue: typeof value === 'string' ? value : JSON.stringify(value) } };
}
