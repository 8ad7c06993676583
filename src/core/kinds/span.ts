import type { Json } from '../base/json.ts';
import type { SpanKind } from '../fabric/event.ts';
import type { ActorPort } from '../fabric/protocol.ts';

/** A span that an instance begins: who it is, what it is below (null = the root of its trace), what is known of it already. */
interface Beginning {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  kind: SpanKind;
  name: string;
  attributes: Record<string, Json>;
}
/** Ends a span: null = well, else why it failed in words. */
export type EndSpan = (error: string | null, attributes?: Record<string, Json>) => void;

/** Tells that a span without links and saga begins; returns how to tell its end, which is to be called once. */
export function beginSpan(port: ActorPort, span: Beginning): EndSpan {
  const { traceId, spanId } = span;
  port.emit({ type: 'span.started', ...span, links: [], saga: null });
  return (error, attributes = {}) =>
    port.emit({
      type: 'span.ended',
      traceId,
      spanId,
      status: error === null ? 'unset' : 'error',
      description: error,
      attributes,
    });
}
