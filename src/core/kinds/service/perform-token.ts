import { isObject } from '../../base/json.ts';
import type { EffectResult } from '../../behaviour/effect.ts';
import { clockSeconds } from '../../auth/clock.ts';
import { keySet, signEffect, tokenResponse, type TokenConfig } from '../../auth/issue.ts';
import { tokenSecret } from '../../auth/keys.ts';
import type { HostEffectResult } from '../../fabric/host-effect.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { Done, EffectOf } from './run-context.ts';

const configOf = ({ record }: ActorPort['init']): TokenConfig | undefined =>
  record.kind === 'service' ? record.config.tokens : undefined;
const noTokens = (port: ActorPort): EffectResult => ({
  ok: false,
  failure: { code: 'no_tokens', message: `${port.init.record.name} issues no tokens`, retriable: false },
});
const failed = ({ code, message }: Extract<HostEffectResult, { ok: false }>): EffectResult => ({
  ok: false,
  failure: { code, message, retriable: false },
});

/** Signs the token of a `token` step with the key of this service; the platform's answer comes at the same instant. */
export function performToken(port: ActorPort, effect: EffectOf<'token'>, done: Done): void {
  const config = configOf(port.init);
  if (config === undefined) return done(noTokens(port));
  const order = { ...effect.order, ttlSeconds: effect.order.ttlSeconds ?? config.ttlSeconds };
  const secret = tokenSecret(port.init, port.init.node);
  port.perform(signEffect(config, secret, order, clockSeconds(port)), (result) =>
    done(result.ok ? { ok: true, value: tokenResponse(result.value, order) } : failed(result)),
  );
}

/** The public keys of this service for a `jwks` step: none when the key is symmetric. */
export function performJwks(port: ActorPort, done: Done): void {
  const config = configOf(port.init);
  if (config === undefined) return done(noTokens(port));
  const secret = tokenSecret(port.init, port.init.node);
  if (config.algorithm === 'HS256') return done({ ok: true, value: keySet(secret, null) });
  port.perform({ do: 'jws.public-key', secret }, (result) =>
    done(
      result.ok ? { ok: true, value: keySet(secret, isObject(result.value) ? result.value : null) } : failed(result),
    ),
  );
}
