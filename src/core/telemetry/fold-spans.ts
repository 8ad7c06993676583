import { eventId } from '../base/order.ts';
import type { EventOf } from '../fabric/event.ts';
import { nodeOf } from '../fabric/message.ts';
import { addMark, countActivity, instanceView, nodeView } from './fold-nodes.ts';
import { LIMITS } from './limits.ts';
import { ownCollection, ownEntry, putEntry, trimOldest } from './own.ts';
import { settleSaga, startSagaStep } from './sagas.ts';
import type { FailureView, FoldContext, NodeView, RunView, SpanView, TraceView } from './view.ts';

const isHandler = (kind: SpanView['kind']): boolean => kind === 'SERVER' || kind === 'CONSUMER';

const copyTrace = (old: TraceView): TraceView => ({ ...old, spans: new Map(old.spans) });
const copySpan = (old: SpanView): SpanView => ({ ...old, failures: [...old.failures] });

const ownTrace = (view: RunView, traceId: string): TraceView | undefined =>
  view.traces.has(traceId) ? ownEntry(view, ownCollection(view, 'traces'), traceId, copyTrace) : undefined;

export function applySpanStarted(view: RunView, event: EventOf<'span.started'>): void {
  const { traceId, spanId } = event;
  const trace = ownTrace(view, traceId) ?? beginTrace(view, event);
  if (trace.spans.size >= LIMITS.spansPerTrace) return;
  const span: SpanView = {
    traceId,
    spanId,
    parentSpanId: event.parentSpanId,
    source: event.source,
    kind: event.kind,
    name: event.name,
    start: event.t,
    end: null,
    status: 'unset',
    description: null,
    attributes: event.attributes,
    links: event.links,
    saga: event.saga,
    failures: [],
  };
  putEntry(view, trace.spans, spanId, span);
  trace.open += 1;
  if (event.t > trace.end) trace.end = event.t;
  if (event.parentSpanId === null) trace.name = event.name;
  if (event.saga !== null) {
    if (event.saga.compensation) trace.compensated = true;
    startSagaStep(view, event, event.saga);
  }
  if (!isHandler(event.kind)) return;
  const instance = instanceView(view, event.source);
  if (instance !== undefined) instance.inFlight += 1;
  const node = nodeView(view, nodeOf(event.source));
  const operation = operationOf(event);
  node.byOperation[operation] = (node.byOperation[operation] ?? 0) + 1;
  const route = event.attributes['servarium.route'];
  if (typeof route === 'string') node.byRoute[route] = (node.byRoute[route] ?? 0) + 1;
}

/** What a handler's span counts as: its name; '' for an HTTP request that was answered before a route took it, since its name holds the raw path. */
function operationOf({ name, attributes }: EventOf<'span.started'>): string {
  const isUnrouted = attributes['url.path'] !== undefined && attributes['http.route'] === undefined;
  return isUnrouted ? '' : name;
}

function beginTrace(view: RunView, event: EventOf<'span.started'>): TraceView {
  const traces = ownCollection(view, 'traces');
  const trace = putEntry(view, traces, event.traceId, {
    traceId: event.traceId,
    name: event.name,
    start: event.t,
    end: event.t,
    spans: new Map(),
    status: null,
    error: false,
    compensated: false,
    open: 0,
  });
  view.dropped.traces += trimOldest(traces, LIMITS.traces);
  return trace;
}

export function applySpanEnded(view: RunView, event: EventOf<'span.ended'>, context: FoldContext): void {
  const trace = ownTrace(view, event.traceId);
  const span = trace && ownEntry(view, trace.spans, event.spanId, copySpan);
  // An end without its start (fallen out of the limits, or removed from the log) shows nothing: nothing is made up.
  if (trace === undefined || span === undefined || span.end !== null) return;
  span.end = event.t;
  span.status = event.status;
  span.description = event.description;
  span.attributes = { ...span.attributes, ...event.attributes };
  trace.open -= 1;
  if (event.t > trace.end) trace.end = event.t;
  if (event.status === 'error') trace.error = true;
  if (span.parentSpanId === null) {
    const status = span.attributes['http.response.status_code'];
    if (typeof status === 'number') trace.status = status;
  }
  if (span.saga !== null) settleSaga(view, span, context);
  countHandled(view, span, event.t);
}

/** RED figures: handlers for a node that handles, own calls for one that only calls (a client). */
function countHandled(view: RunView, span: SpanView, t: number): void {
  const handler = isHandler(span.kind);
  if (!handler && !(span.kind === 'CLIENT' && span.parentSpanId === null)) return;
  const node = nodeView(view, nodeOf(span.source));
  const failed = span.status === 'error';
  node.handled += 1;
  if (failed) node.failed += 1;
  node.busyUs += t - span.start;
  node.samples.push({ t, durationUs: t - span.start, error: failed });
  if (node.samples.length > LIMITS.samplesPerNode) node.samples.shift();
  if (!handler) {
    if (!failed) node.failure = null;
    return;
  }
  countShare(node, span);
  judge(view, node, span, t);
  const instance = instanceView(view, span.source);
  if (instance !== undefined && instance.inFlight > 0) instance.inFlight -= 1;
}

/** A request of a split route says with its answer whom it went to. */
function countShare({ byUpstream }: NodeView, { attributes }: SpanView): void {
  const [route, upstream] = [attributes['servarium.route'], attributes['servarium.upstream']];
  if (typeof route !== 'string' || typeof upstream !== 'string') return;
  const key = `${route} ${upstream}`;
  byUpstream[key] = (byUpstream[key] ?? 0) + 1;
}

/** Whether the node of a handler that ended is well: a refusal that its author wrote is an answer, a broken handler is a failure. */
function judge(view: RunView, node: NodeView, span: SpanView, t: number): void {
  const last = span.failures.at(-1);
  if (span.failures.some((failure) => failure.byFault)) return;
  if (span.status === 'error') {
    if (last === undefined) return;
    node.failure = last;
    addMark(view, { t, kind: 'failure', text: `${node.node}: ${last.code}` });
    return;
  }
  const status = span.attributes['http.response.status_code'];
  const isClientError = typeof status === 'number' && status >= 400 && status < 500;
  const isRefusal = last !== undefined || isClientError;
  // A refusal is no proof that a fault is gone: only a clean handling is.
  if (!isRefusal || node.failure?.byFault !== true) node.failure = null;
  if (!isRefusal) return;
  node.refused += 1;
  node.refusal = last ?? { t, code: String(status), message: '', byFault: false, traceId: span.traceId };
}

export function applyStepFailed(view: RunView, event: EventOf<'step.failed'>): void {
  const failure: FailureView = {
    t: event.t,
    code: event.code,
    message: event.message,
    byFault: event.byFault,
    traceId: event.traceId,
  };
  if (event.byFault) {
    const node = nodeOf(event.source);
    nodeView(view, node).failure = failure;
    addMark(view, { t: event.t, kind: 'failure', text: `${node}: ${event.code}` });
  }
  countActivity(view, event.t, 0, 1);
  const trace = ownTrace(view, event.traceId);
  const span = trace && ownEntry(view, trace.spans, event.spanId, copySpan);
  span?.failures.push(failure);
}

export function applyLog(view: RunView, event: EventOf<'log'>): void {
  const logs = ownCollection(view, 'logs');
  const { t, source, severity, text, traceId, spanId } = event;
  logs.push({ id: eventId(event), t, source, severity, text, traceId, spanId });
  if (logs.length <= LIMITS.logs) return;
  logs.shift();
  view.dropped.logs += 1;
}
