import type { Json } from '../../core/base/json.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { InputBody } from '../../core/fabric/input.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import type { ExecutableDiff } from '../../core/topology/schema/types.ts';
import { workshop } from './workshop.ts';

/** What a caller over gRPC has in the end: the status (RP1), its words, and the messages in their order. */
export interface RpcAnswer {
  status: number;
  message: string;
  messages: Json[];
}

/** A call by hand of a client whose mix has a request over gRPC: words of its own instead of that request's. */
export const callByHand = (node: string, path: string, message: Json): InputBody => ({
  kind: 'request',
  node,
  requestId: 'shelf',
  request: { method: 'POST', path, headers: {}, body: JSON.stringify(message) },
});

/** What the log says of the last call of a client; null while it is under way, or before it began: fewer than `count` were. */
export function rpcAnswer(events: readonly LogEvent[], client: string, count: number): RpcAnswer | null {
  const begun = events.flatMap((event) =>
    event.type === 'span.started' && event.source === client && event.kind === 'CLIENT' ? [event] : [],
  );
  const last = begun.at(-1);
  if (last === undefined || begun.length < count) return null;
  const ended = events.find((event) => event.type === 'span.ended' && event.spanId === last.spanId);
  if (ended?.type !== 'span.ended') return null;
  const messages = events.flatMap((event): Json[] => {
    if (event.type !== 'message.sent' || event.trace?.traceId !== last.traceId) return [];
    const { payload } = event;
    if (payload.kind !== 'grpc.message' && payload.kind !== 'grpc.reply') return [];
    return payload.json === null ? [] : [JSON.parse(payload.json) as Json];
  });
  const status = ended.attributes['rpc.grpc.status_code'];
  return { status: typeof status === 'number' ? status : -1, message: ended.description ?? '', messages };
}

/** The edit that gives a service of the workshop so many replicas. */
export function scaling(node: string, replicas: number): ExecutableDiff {
  const record = compileTopology(workshop()).nodes[node];
  if (record?.kind !== 'service') throw new Error(`no service ${node}`);
  const none = { added: {}, removed: {}, updated: {} };
  const scaled = { ...record, config: { ...record.config, replicas } };
  return { nodes: { ...none, updated: { [node]: [record, scaled] } }, links: none };
}
