import { childSpanId } from '../../base/random.ts';
import type { EffectResult, Failure } from '../../behaviour/effect.ts';
import type { TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { grpcStatusName } from '../../grpc/status.ts';
import type { RetryReason } from '../../resilience/retry.ts';
import type { GrpcCaller, GrpcCallOptions, GrpcCallResult } from '../caller/grpc-caller.ts';
import type { Verdict } from '../caller/policy-caller.ts';
import { callName } from './call-policies.ts';
import { givenUp } from './cancellation.ts';
import { passedOn, type Done, type EffectOf, type RunContext, type RunParts } from './run-context.ts';

/** What a `call` of a gRPC method binds. */
const valueOf = (result: Extract<GrpcCallResult, { ok: true }>): EffectResult => ({
  ok: true,
  value: result.streaming ? { status: 0, messages: result.messages } : { status: 0, body: result.messages[0] ?? null },
});

/** Which of the reasons that `retries.on` names a status is. */
function retryReason(result: Extract<GrpcCallResult, { ok: false }>): RetryReason | null {
  if (result.cause === 'no_instances') return 'no-instances';
  switch (grpcStatusName(result.status)) {
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

function judge(result: GrpcCallResult): Verdict {
  if (result.ok) return { failure: null, reason: null, accepted: true };
  const accepted = result.instance !== null && result.cause !== 'connection_refused';
  return { failure: result.failure, reason: retryReason(result), accepted, ...pushbackOf(result) };
}

/** One try under its own CLIENT span, an error unless it ends with OK (OTel rpc-spans). */
function tracedGrpcCall(
  port: ActorPort,
  caller: GrpcCaller,
  call: GrpcCallOptions & { trace: TraceContext; parentSpanId: string; resent: number },
): { cancel(reason: string): void } {
  const { traceId, spanId } = call.trace;
  const [service = '', method = ''] = call.rpc.split('/');
  port.emit({
    type: 'span.started',
    traceId,
    spanId,
    parentSpanId: call.parentSpanId,
    kind: 'CLIENT',
    name: call.rpc,
    attributes: {
      'rpc.system': 'grpc',
      'rpc.service': service,
      'rpc.method': method,
      'server.address': port.init.peers.find((peer) => peer.node === call.to)?.record.name ?? call.to,
      ...(call.resent === 0 ? {} : { 'rpc.grpc.resend_count': call.resent }),
    },
    links: [],
    saga: null,
  });
  const end = (description: string | null, status: number): void =>
    port.emit({
      type: 'span.ended',
      traceId,
      spanId,
      status: description === null ? 'unset' : 'error',
      description,
      attributes: { 'rpc.grpc.status_code': status },
    });
  const { parentSpanId: _parent, resent: _resent, ...options } = call;
  const handle = caller.call({
    ...options,
    onDone(result) {
      if (result.ok) end(null, 0);
      else end(result.failure.message, result.status);
      call.onDone(result);
    },
  });
  return {
    cancel(reason) {
      caller.cancel(handle);
      end(reason, 1);
    },
  };
}

/** Calls a gRPC method under the policy of its step, if it has one. Its deadline is the step's time-out, but never later than the handler's own (RP2). */
export function performGrpc(
  parts: RunParts,
  caller: GrpcCaller,
  context: RunContext,
  effect: EffectOf<'grpc'>,
  done: Done,
): void {
  const { port } = parts;
  const { path, to, rpc, body, metadata } = effect;
  const left = context.exchange === undefined ? Infinity : (context.exchange.deadline ?? Infinity) - port.now();
  const timeoutUs = Math.min(effect.timeoutMs * 1000, left);
  const { traceId } = context.trace;
  const attempt = (
    n: number,
    timeoutMs: number,
    onDone: (result: GrpcCallResult) => void,
  ): { cancel(reason: string): void } => {
    const what = ['call', path, context.attempt, ...(n === 1 ? [] : ['try', n])];
    const spanId = childSpanId(port.init.seed, context.spanId, ...what);
    const trace: TraceContext = { traceId, spanId, ...passedOn(context, effect.compensates) };
    const options = { to, rpc, body, metadata, timeoutUs: timeoutMs * 1000, trace, onDone };
    return tracedGrpcCall(port, caller, { ...options, parentSpanId: context.spanId, resent: n - 1 });
  };
  const call = callName(context.handler, path);
  const policy = parts.policyOf(call);
  givenUp(context.exchange?.cancellation, done, (finish) => {
    const onDone = (result: GrpcCallResult): void =>
      finish(result.ok ? valueOf(result) : { ok: false, failure: result.failure });
    if (policy === undefined) return attempt(1, timeoutUs / 1000, onDone);
    return parts.policies.call<GrpcCallResult>({
      call,
      to,
      policy,
      attempt,
      judge,
      traceId,
      onDone,
      protocol: 'grpc',
      idempotent: true,
      timeoutMs: timeoutUs / 1000,
      spanId: context.spanId,
      place: `${path}#${context.attempt}`,
      refuse: refusal,
    });
  });
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
