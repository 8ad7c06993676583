import { sampleUs } from '../../base/distribution.ts';
import type { Json } from '../../base/json.ts';
import { childSpanId } from '../../base/random.ts';
import type { TemplateCache } from '../../behaviour/compiled.ts';
import type { BehaviourWorld, Failure } from '../../behaviour/effect.ts';
import { runHandler } from '../../behaviour/interpreter.ts';
import { slowness } from '../../fabric/faults.ts';
import type { HttpReply, TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { ConfigOf, Endpoint, Step } from '../../topology/schema/types.ts';
import { startRun } from './handler-run.ts';
import type { GrpcExchange } from './grpc-exchange.ts';
import type { RunContext, RunParts } from './run-context.ts';

/** One request or message to be handled: what to run and what to do at its end. */
export interface Work {
  name: string;
  kind: 'SERVER' | 'CONSUMER';
  trace: TraceContext;
  parentSpanId: string | null;
  spanId: string;
  attempt: number;
  attributes: Record<string, Json>;
  /** Id of the endpoint or subscription; empty when there is none. */
  handler: string;
  saga: Endpoint['saga'];
  /** Without steps the work ends at once. */
  steps: readonly Step[];
  scope: Record<string, Json>;
  respond(reply: HttpReply): void;
  /** The gRPC call that is handled; absent for HTTP and messages. */
  exchange?: GrpcExchange;
  finished(failure: Failure | null): void;
}

/** Node ids and endpoints that handlers of this instance reach over its links. */
export function worldOf(port: ActorPort): BehaviourWorld {
  const { peers } = port.init;
  const owned = peers.filter((p) => p.kind === 'owns' && p.direction === 'out');
  return {
    ownedStore: owned.length === 1 ? (owned[0]?.node ?? null) : null,
    endpoint: (node, id) => {
      const record = peers.find((p) => p.node === node)?.record;
      return record?.kind === 'service' ? (record.config.endpoints.find((e) => e.id === id) ?? null) : null;
    },
    rpc: (node, id) => {
      const record = peers.find((p) => p.node === node)?.record;
      // A gateway has no methods of its own: behind it an rpc is called by its name.
      if (record?.kind === 'gateway') return id;
      return record?.kind === 'service' ? (record.config.grpc?.methods.find((m) => m.id === id)?.rpc ?? null) : null;
    },
  };
}

/** Begins the span of a request or message; false when there is nothing to handle: then it has ended already. */
export function openWork(port: ActorPort, work: Work): boolean {
  const { trace, spanId, kind, name, attributes, parentSpanId } = work;
  const { traceId } = trace;
  const saga = work.saga ? { name: work.saga.name, step: work.saga.step, compensation: work.saga.compensation } : null;
  const links = kind === 'CONSUMER' && trace.spanId !== '' ? [trace.spanId] : [];
  port.emit({ type: 'span.started', traceId, spanId, parentSpanId, kind, name, attributes, links, saga });
  if (work.steps.length > 0) return true;
  work.finished(null);
  return false;
}

/** Modelled service time, steps, end: the same for a request and a message. `finished` is called once. */
export function handleWork(parts: RunParts, config: ConfigOf<'service'>, templates: TemplateCache, work: Work): void {
  const { port } = parts;
  const { trace, spanId } = work;
  const { traceId } = trace;
  const inherited = trace.saga ?? (work.saga ? { name: work.saga.name, direction: 'forward' as const } : undefined);
  const context: RunContext = {
    trace: { ...trace, ...(inherited ? { saga: inherited } : {}) },
    spanId,
    handler: work.handler,
    attempt: work.attempt,
    respond: (reply) => work.respond(reply),
    ...(work.exchange === undefined ? {} : { exchange: work.exchange }),
  };
  const { node, record } = port.init;
  const scope = { ...work.scope, config: config.values, node: { id: node, name: record.name }, trace: { id: traceId } };
  const serviceUs = sampleUs(config.serviceTime, port.random('service-time', traceId, node, spanId));
  parts.sleep((serviceUs * slowness(port)) / 1000, () => {
    // Nobody waits any more: not one step is begun.
    const given = work.exchange?.cancellation.failure ?? null;
    if (given !== null) return work.finished(given);
    return startRun(
      parts,
      context,
      (host) => runHandler({ steps: work.steps, scope, host, world: worldOf(port), templates }),
      (failure) => work.finished(failure),
    );
  });
}

/** Id of the span that handles what came with `trace`; the same in tab and container. */
export const handlerSpanId = (port: ActorPort, trace: TraceContext, ...what: (string | number)[]): string =>
  childSpanId(port.init.seed, trace.spanId === '' ? trace.traceId : trace.spanId, ...what);
