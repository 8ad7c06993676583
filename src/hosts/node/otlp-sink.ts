import type { LogEvent } from '../../core/fabric/event.ts';
import { otlpTraces } from '../../core/telemetry/otlp.ts';
import type { SpanView, TraceView } from '../../core/telemetry/view.ts';
import { EPOCH_MS } from './clock.ts';
import type { EventSink } from './event-feed.ts';

const EXPORT_MS = 1_000;
/** Open or unsent spans kept at once; the oldest are dropped. */
const MAX_SPANS = 10_000;

/** Sends ended spans as OTLP/HTTP JSON to `<endpoint>/v1/traces`, once a second; spans that a collector refuses are lost, as with any exporter. */
export function createOtlpSink(endpoint: string, serviceName: string): EventSink {
  const open = new Map<string, SpanView>();
  let ended: SpanView[] = [];

  async function send(): Promise<void> {
    if (ended.length === 0) return;
    const spans = ended;
    ended = [];
    const traces = new Map<string, TraceView>();
    for (const span of spans) {
      const trace = traces.get(span.traceId) ?? emptyTrace(span);
      traces.set(span.traceId, trace);
      trace.spans.set(span.spanId, span);
    }
    const body = otlpTraces(traces.values(), { epochUnixNano: `${EPOCH_MS}000000`, serviceName: () => serviceName });
    await fetch(`${endpoint.replace(/\/$/, '')}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
  }
  const timer = setInterval(() => void send().catch(() => undefined), EXPORT_MS);
  timer.unref();

  return {
    take(event: LogEvent) {
      if (event.type === 'span.started') {
        open.set(event.spanId, spanOf(event));
        if (open.size > MAX_SPANS) open.delete(open.keys().next().value ?? '');
      } else if (event.type === 'step.failed') {
        const { t, code, message, byFault, traceId } = event;
        open.get(event.spanId)?.failures.push({ t, code, message, byFault, traceId });
      } else if (event.type === 'span.ended') {
        const span = open.get(event.spanId);
        if (!span) return;
        open.delete(event.spanId);
        const attributes = { ...span.attributes, ...event.attributes };
        ended.push({ ...span, end: event.t, status: event.status, description: event.description, attributes });
        if (ended.length > MAX_SPANS) ended.shift();
      }
    },
    close() {
      clearInterval(timer);
      void send().catch(() => undefined);
    },
  };
}

function spanOf(event: Extract<LogEvent, { type: 'span.started' }>): SpanView {
  const { traceId, spanId, parentSpanId, source, kind, name, attributes, saga, links } = event;
  return {
    traceId,
    spanId,
    parentSpanId,
    source,
    kind,
    name,
    start: event.t,
    end: null,
    status: 'unset',
    description: null,
    attributes: { ...attributes },
    // OTLP wants the trace beside the span.
    links: links.map((link) => `${traceId}-${link}`),
    saga,
    failures: [],
  };
}

const emptyTrace = (span: SpanView): TraceView => ({
  traceId: span.traceId,
  name: span.name,
  start: span.start,
  end: span.end ?? span.start,
  spans: new Map(),
  status: null,
  error: false,
  compensated: false,
  open: 0,
});
