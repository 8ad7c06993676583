import type { Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { grpcStatusName } from '../../grpc/status.ts';
import type { RetryReason } from '../../resilience/retry.ts';
import { beginGrpcSpan } from './grpc-span.ts';
import type { GrpcCaller, GrpcCallResult } from './grpc-caller.ts';
import { guardedCall, type Guarded, type Try } from './guarded-call.ts';
import type { PolicyCaller, Verdict } from './policy-caller.ts';

/** What makes calls over gRPC. */
interface GrpcParts {
  port: ActorPort;
  caller: GrpcCaller;
  policies: PolicyCaller;
}
/** One unary or server streaming call; its `timeoutMs` is its deadline. */
interface GuardedGrpcCall extends Guarded<GrpcCallResult> {
  /** `package.Service/Method`. */
  rpc: string;
  body: Json;
  metadata: Record<string, string>;
  onDone(result: GrpcCallResult): void;
}

/** Which of the reasons that `retries.on` names a status is; null = none. */
export function grpcRetryReason(status: number): RetryReason | null {
  switch (grpcStatusName(status)) {
    case 'unavailable':
      return 'connection';
    case 'deadline_exceeded':
      return 'timeout';
    case 'resource_exhausted':
      return '429';
    case 'unknown':
    case 'internal':
    case 'aborted':
      return '5xx';
    default:
      return null;
  }
}

/** `grpc-retry-pushback-ms`: negative when it is there and no number (RS5). */
function pushbackOf({ metadata }: GrpcCallResult): { pushbackMs?: number } {
  const text = metadata['grpc-retry-pushback-ms'];
  if (text === undefined) return {};
  return { pushbackMs: /^-?\d{1,9}$/.test(text) ? Number(text) : -1 };
}

function grpcVerdict(result: GrpcCallResult): Verdict {
  if (result.ok) return { failure: null, reason: null, accepted: true };
  const accepted = result.instance !== null && result.cause !== 'connection_refused';
  const reason = result.cause === 'no_instances' ? 'no-instances' : grpcRetryReason(result.status);
  return { failure: result.failure, reason, accepted, ...pushbackOf(result) };
}

/** A call that its policy did not make; a time that was over before it could be made is the deadline. */
const refusal = (failure: Failure): GrpcCallResult => ({
  ok: false,
  status: failure.code === 'timeout' ? 4 : 14,
  failure: failure.code === 'timeout' ? { ...failure, code: 'grpc_deadline_exceeded' } : failure,
  metadata: {},
  instance: null,
  cause: null,
});

/** One try under its own CLIENT span, an error unless it ends with OK (OTel rpc-spans). */
function tracedTry(
  { port, caller }: GrpcParts,
  call: GuardedGrpcCall,
  one: Try<GrpcCallResult>,
): { cancel(reason: string): void } {
  const { to, rpc, body, metadata } = call;
  const { trace, parentSpanId, resent } = one;
  const attributes = resent === 0 ? {} : { 'rpc.grpc.resend_count': resent };
  const end = beginGrpcSpan(port, { to, rpc, trace, parentSpanId, attributes });
  const handle = caller.call({
    to,
    rpc,
    body,
    metadata,
    timeoutUs: one.timeoutMs * 1000,
    trace,
    onDone(result) {
      if (result.ok) end(null, { 'rpc.grpc.status_code': 0 });
      else end(result.failure.message, { 'rpc.grpc.status_code': result.status });
      one.onDone(result);
    },
  });
  return {
    cancel(reason) {
      caller.cancel(handle);
      end(reason, { 'rpc.grpc.status_code': 1 });
    },
  };
}

/** Calls over gRPC under the policy, if there is one, each try under a span of its own. Returns how to give the call up. */
export function callGrpc(parts: GrpcParts, call: GuardedGrpcCall): { cancel(reason: string): void } {
  const { rpc: _rpc, body: _body, metadata: _metadata, ...guarded } = call;
  return guardedCall<GrpcCallResult>(parts.port, parts.policies, {
    ...guarded,
    protocol: 'grpc',
    idempotent: true,
    attempt: (one) => tracedTry(parts, call, one),
    judge: grpcVerdict,
    refuse: refusal,
  });
}
