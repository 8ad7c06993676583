import type { LogEvent } from '../fabric/event.ts';
import { parseTraceparent } from '../http/trace-context.ts';
import type { SpanView, TraceView } from './view.ts';

/** A span in a waterfall: depth 0 is a root; children follow their parent, by start, then by order in the log. */
export interface SpanRow {
  span: SpanView;
  depth: number;
}

/** Spans of a trace as an indented list. A span whose parent is not here (remote, or dropped) counts as a root. */
export function spanRows(trace: TraceView): SpanRow[] {
  const children = new Map<string | null, SpanView[]>();
  for (const span of trace.spans.values()) {
    const parent = span.parentSpanId !== null && trace.spans.has(span.parentSpanId) ? span.parentSpanId : null;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [span]);
    else siblings.push(span);
  }
  const rows: SpanRow[] = [];
  const stack = (children.get(null) ?? []).map((span) => ({ span, depth: 0 })).reverse();
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    rows.push(row);
    const below = children.get(row.span.spanId) ?? [];
    // Log order is start order; reversed because the stack takes the last first.
    for (let index = below.length - 1; index >= 0; index -= 1) {
      const span = below[index];
      if (span !== undefined) stack.push({ span, depth: row.depth + 1 });
    }
  }
  return rows;
}

interface Span {
  id: string;
  traceId: string;
  parent: string | null;
  kind: string;
  name: string;
  start: number;
  end: number | null;
  status: string;
  links: number;
}

/** Broken invariants of tracing (OB3), in words; empty when the log is sound. */
export function checkSpans(events: readonly LogEvent[]): string[] {
  const problems: string[] = [];
  const spans = new Map<string, Span>();
  const remote = new Set<string>();
  for (const event of events) {
    if (event.type === 'input' && event.input.kind === 'request') noteRemote(event.input.request?.headers, remote);
    if (event.type === 'span.started') {
      const { spanId: id, traceId, parentSpanId: parent, kind, name } = event;
      if (spans.has(id)) problems.push(`span ${id} (${name}) started twice`);
      const links = event.links.length;
      spans.set(id, { id, traceId, parent, kind, name, start: event.t, end: null, status: 'unset', links });
    }
    if (event.type !== 'span.ended') continue;
    const span = spans.get(event.spanId);
    if (span === undefined) problems.push(`span ${event.spanId} ended without a start`);
    else if (span.end !== null) problems.push(`span ${span.id} (${span.name}) ended twice`);
    else Object.assign(span, { end: event.t, status: event.status });
  }
  const roots = new Map<string, number>();
  const servers = new Map<string, Span[]>();
  for (const span of spans.values())
    if (span.kind === 'SERVER' && span.parent !== null)
      servers.set(span.parent, [...(servers.get(span.parent) ?? []), span]);
  for (const span of spans.values()) problems.push(...checkSpan(span, spans, remote, roots));
  for (const [parent, answers] of servers) problems.push(...checkAnswered(spans.get(parent), answers));
  for (const [traceId, count] of roots) if (count > 1) problems.push(`trace ${traceId} has ${count} roots`);
  return problems;
}

function noteRemote(headers: Record<string, string> | undefined, remote: Set<string>): void {
  const header = headers?.['traceparent'];
  const parsed = header === undefined ? null : parseTraceparent(header);
  if (parsed !== null) remote.add(parsed.spanId);
}

function checkSpan(span: Span, spans: Map<string, Span>, remote: Set<string>, roots: Map<string, number>): string[] {
  const label = `span ${span.id} (${span.name})`;
  const problems: string[] = [];
  if (span.end !== null && span.end < span.start) problems.push(`${label} ends before it starts`);
  if (span.parent === null || remote.has(span.parent)) {
    if (span.links === 0) roots.set(span.traceId, (roots.get(span.traceId) ?? 0) + 1);
    return problems;
  }
  const parent = spans.get(span.parent);
  if (parent === undefined) return [...problems, `${label} has a parent that does not exist (${span.parent})`];
  if (parent.traceId !== span.traceId) problems.push(`${label} is in another trace than its parent`);
  if (span.start < parent.start) problems.push(`${label} starts before its parent (${parent.name})`);
  return problems;
}

/** A CLIENT span that got its answer contains the SERVER span that gave it; a copy made by the network may be handled later, in a second one. */
function checkAnswered(client: Span | undefined, servers: readonly Span[]): string[] {
  const [first] = servers;
  if (client?.kind !== 'CLIENT' || client.end === null || first === undefined) return [];
  // A caller that gave up (time-out, lost connection) ends with an error, and the server goes on (RS4).
  if (client.status === 'error') return [];
  const { end } = client;
  if (servers.some((server) => server.end !== null && server.end <= end)) return [];
  return [`span ${first.id} (${first.name}) is not inside its CLIENT span (${client.name})`];
}
