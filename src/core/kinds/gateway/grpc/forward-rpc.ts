import { assert } from '../../../base/result.ts';
import type { Failure } from '../../../behaviour/effect.ts';
import type { GrpcMessage, GrpcReply, InstanceId, Payload } from '../../../fabric/message.ts';
import type { ActorPort } from '../../../fabric/protocol.ts';
import { grpcStatus, grpcStatusName } from '../../../grpc/status.ts';
import { injectTrace } from '../../../http/trace-context.ts';
import { grpcRetryReason } from '../../caller/call-grpc.ts';
import { beginGrpcSpan } from '../../caller/grpc-span.ts';
import { isTrailersOnly, type GrpcLoss, type GrpcStreams } from '../../caller/grpc-streams.ts';
import { guardedCall, type Try } from '../../caller/guarded-call.ts';
import type { PolicyCaller, Verdict } from '../../caller/policy-caller.ts';
import { httpRetryReason, wasAccepted } from '../../../resilience/retry.ts';
import type { Asking } from '../exchange.ts';
import { upstreamOf } from '../forward.ts';
import { flagOf, upstreamProblem } from '../problem.ts';
import { guardingOf, retriesOf } from '../retry-policies.ts';
import { upstreamHeaders } from '../upstream-call.ts';
import type { GrpcAnswer } from './grpc-answer.ts';

type Request = Extract<Payload, { kind: 'grpc.request' }>;
/** What a try came to: a status of the upstream, or why there is none. */
type Outcome = { reply: GrpcReply } | { lost: Failure };
interface Parts {
  port: ActorPort;
  policies: PolicyCaller;
  streams: GrpcStreams;
}

const lossOf = ({ cause, status, message }: GrpcLoss): Failure => ({ code: cause ?? status, message, retriable: true });

/**
 * Whether a try may be followed by another: only as long as no message of it went on to the caller, which is when its status stands among the headers (GW21).
 * Unlike a gRPC client, Envoy reads no pushback.
 */
function verdictOf(outcome: Outcome, hasBegun: boolean): Verdict {
  if ('lost' in outcome) {
    const { lost } = outcome;
    return { failure: lost, reason: hasBegun ? null : httpRetryReason({ failure: lost }), accepted: wasAccepted(lost) };
  }
  const { reply } = outcome;
  if (reply.status === 0) return { failure: null, reason: null, accepted: true };
  const failure = { code: `grpc_${grpcStatusName(reply.status)}`, message: reply.message };
  return { failure, reason: isTrailersOnly(reply) ? grpcRetryReason(reply.status) : null, accepted: true };
}

/** Hands messages on in their order, whatever the order of their arrival. */
class InOrder {
  private readonly held = new Map<number, GrpcMessage>();
  private next = 0;
  private readonly pass: (message: GrpcMessage) => void;

  constructor(pass: (message: GrpcMessage) => void) {
    this.pass = pass;
  }

  arrived(index: number, message: GrpcMessage): void {
    this.held.set(index, message);
    for (let due = this.held.get(this.next); due !== undefined; due = this.held.get(this.next)) {
      this.held.delete(this.next);
      this.next += 1;
      this.pass(due);
    }
  }
}

/** Forwards one rpc, again if the policy says so, and hands on what comes back, byte for byte. Returns how to give it up. */
export function forwardRpc(
  { port, policies, streams }: Parts,
  asking: Asking,
  request: Request,
  answer: GrpcAnswer,
): { cancel(reason: string): void } {
  const { route, config, trace, deadline, attributes } = asking;
  const { action } = route;
  assert(action.kind === 'forward', `the route ${route.id} over gRPC does not forward`);
  const to = upstreamOf(action, port.random('split', port.init.node, route.id, trace.spanId));
  if (action.split !== undefined) attributes['servarium.upstream'] = to;
  const rpc = request.path.slice(1);
  const metadata = upstreamHeaders(asking);
  const retries = retriesOf(config, route);
  const tried: InstanceId[] = [];
  let tries = 0;

  const attempt = (one: Try<Outcome>): { cancel(reason: string): void } => {
    const { resent, parentSpanId } = one;
    tries = resent + 1;
    const number = resent === 0 ? {} : { 'rpc.grpc.resend_count': resent };
    const end = beginGrpcSpan(port, { to, rpc, trace: one.trace, parentSpanId, attributes: number });
    const timeoutUs = Math.max(1, Math.round(one.timeoutMs * 1000));
    const inOrder = new InOrder((message) => {
      // The time of a try is over when its answer begins: the whole request's goes on.
      if (answer.sent === 0) streams.extend(handle, deadline - port.now());
      answer.pass(message);
    });
    const handle = streams.open({
      to,
      rpc,
      timeoutUs,
      trace: one.trace,
      request: { ...request, metadata: injectTrace(metadata, one.trace), timeoutUs },
      ...(resent === 0 ? {} : { tried: [...tried] }),
      onMessage: (index, message) => inOrder.arrived(index, message),
      onEnd(reply, instance) {
        tried.push(instance);
        end(reply.status === 0 ? null : reply.message, { 'rpc.grpc.status_code': reply.status });
        one.onDone({ reply });
      },
      onLost(loss) {
        if (loss.instance !== null) tried.push(loss.instance);
        end(loss.message, { 'rpc.grpc.status_code': grpcStatus(loss.status) });
        one.onDone({ lost: lossOf(loss) });
      },
    });
    return {
      cancel(reason) {
        streams.cancel(handle);
        end(reason, { 'rpc.grpc.status_code': grpcStatus('cancelled') });
      },
    };
  };

  return guardedCall<Outcome>(port, policies, {
    call: route.id,
    to,
    policy: retries === undefined ? undefined : guardingOf(retries),
    timeoutMs: Math.max(0, deadline - port.now()) / 1000,
    trace,
    what: ['upstream', route.id],
    place: route.id,
    // A proxy repeats by its own rules, not by those of gRPC's clients.
    protocol: 'http',
    idempotent: true,
    attempt,
    judge: (outcome) => verdictOf(outcome, answer.sent > 0),
    refuse: (lost) => ({ lost }),
    onDone(outcome) {
      const { reason } = verdictOf(outcome, answer.sent > 0);
      const isRetriable = reason !== null && retries?.on.includes(reason) === true;
      const exhausted = isRetriable && tries > 1 && tries >= retries.maxAttempts;
      if ('reply' in outcome) {
        if (exhausted) attributes['servarium.flag'] = 'URX';
        return answer.end(outcome.reply);
      }
      const problem = upstreamProblem('gateway-api', outcome.lost);
      const flags = [flagOf(problem), exhausted ? 'URX' : null].filter((flag) => flag !== null);
      answer.refuse({ ...problem, ...(flags.length === 0 ? {} : { flag: flags.join(',') }) });
    },
  });
}
