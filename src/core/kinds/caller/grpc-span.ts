import type { Json } from '../../base/json.ts';
import type { TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { beginSpan, type EndSpan } from '../span.ts';

interface GrpcSpan {
  /** Node id of whom is called. */
  to: string;
  /** `package.Service/Method`. */
  rpc: string;
  trace: TraceContext;
  parentSpanId: string | null;
  attributes: Record<string, Json>;
}

/** Begins the CLIENT span of one try of an rpc, named and described as OTel's rpc-spans are; returns how to end it. */
export function beginGrpcSpan(port: ActorPort, { to, rpc, trace, parentSpanId, attributes }: GrpcSpan): EndSpan {
  const [service = '', method = ''] = rpc.split('/');
  return beginSpan(port, {
    traceId: trace.traceId,
    spanId: trace.spanId,
    parentSpanId,
    kind: 'CLIENT',
    name: rpc,
    attributes: {
      'rpc.system': 'grpc',
      'rpc.service': service,
      'rpc.method': method,
      'server.address': port.init.peers.find((peer) => peer.node === to)?.record.name ?? to,
      ...attributes,
    },
  });
}
