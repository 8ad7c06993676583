import type { EffectResult } from '../../behaviour/effect.ts';
import { callGrpc } from '../caller/call-grpc.ts';
import type { GrpcCaller, GrpcCallResult } from '../caller/grpc-caller.ts';
import { givenUp } from './cancellation.ts';
import { guardedBy, type Done, type EffectOf, type RunContext, type RunParts } from './run-context.ts';

/** What a `call` of a gRPC method binds. */
const valueOf = (result: Extract<GrpcCallResult, { ok: true }>): EffectResult => ({
  ok: true,
  value: result.streaming ? { status: 0, messages: result.messages } : { status: 0, body: result.messages[0] ?? null },
});

/** Calls a gRPC method under the policy of its step, if it has one. Its deadline is the step's time-out, but never later than the handler's own (RP2). */
export function performGrpc(
  parts: RunParts,
  caller: GrpcCaller,
  context: RunContext,
  effect: EffectOf<'grpc'>,
  done: Done,
): void {
  const { port, policies } = parts;
  const { rpc, body, metadata } = effect;
  const left = context.exchange === undefined ? Infinity : (context.exchange.deadline ?? Infinity) - port.now();
  const timeoutUs = Math.min(effect.timeoutMs * 1000, left);
  givenUp(context.exchange?.cancellation, done, (finish) =>
    callGrpc(
      { port, caller, policies },
      {
        ...guardedBy(parts, context, effect),
        rpc,
        body,
        metadata,
        timeoutMs: timeoutUs / 1000,
        onDone: (result) => finish(result.ok ? valueOf(result) : { ok: false, failure: result.failure }),
      },
    ),
  );
}
