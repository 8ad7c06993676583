import type { EffectResult } from '../../behaviour/effect.ts';
import type { HttpReply } from '../../fabric/message.ts';
import { lastingHeaders } from '../../http/headers.ts';
import { callHttp } from '../caller/call-http.ts';
import { parseBody } from './parse-body.ts';
import { guardedBy, type Done, type EffectOf, type RunContext, type RunParts } from './run-context.ts';

/** What a `call` binds: status, the headers that do not depend on the transport, the parsed body, and the body as text. */
const valueOf = (reply: HttpReply): EffectResult => ({
  ok: true,
  value: {
    status: reply.status,
    headers: lastingHeaders(reply.headers),
    body: parseBody(reply.body),
    text: reply.body,
  },
});

/** Calls another service over HTTP under the policy of the step, if it has one. Returns how to give it up. */
export function performCall(
  parts: RunParts,
  context: RunContext,
  effect: EffectOf<'call'>,
  done: Done,
): { cancel(reason: string): void } {
  const { method, target, headers, body } = effect;
  return callHttp(parts, {
    ...guardedBy(parts, context, effect),
    request: { method, path: target, headers, body },
    timeoutMs: effect.timeoutMs,
    onDone: (result) => done(result.ok ? valueOf(result.reply) : result),
  });
}
