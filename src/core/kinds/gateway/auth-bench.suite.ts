import { performEffect } from '../../../hosts/tokens/perform-effect.ts';
import { keyIdOf } from '../../auth/keys.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { HttpReply, HttpRequest } from '../../fabric/message.ts';
import type { AnyExecutableNode, Auth, ConfigOf, Route } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, peerOf, serviceRecord } from '../testing/fixtures.ts';
import { edgeReplies, fromEdge, gatewayRecord, jsonReply } from '../testing/gateway-bench.ts';
import { gatewayActor } from './actor.ts';

/** Seconds since 1970 at which a run begins. */
export const START = Date.UTC(2026, 0, 1) / 1000;
/** Signing secret of the Auth service. */
export const SECRET = 'ab'.repeat(32);
/** Claims that hold for 300 s. */
export const CLAIMS = { iss: 'http://auth', aud: 'api', sub: 'ada', exp: START + 300, scope: 'orders:read profile' };
/** What the gateway demands of them. */
export const JWT: Extract<Auth, { kind: 'jwt' }> = {
  kind: 'jwt',
  issuer: 'http://auth',
  audience: ['api', 'other-name-of-the-api'],
  algorithms: ['EdDSA'],
  leewaySeconds: 0,
  jwks: { kind: 'node', node: 'auth', path: '/.well-known/jwks.json', cacheMs: 60_000 },
};
const route = (auth?: Route['auth']): Route => ({
  id: 'orders',
  match: 'prefix',
  path: '/api',
  action: { kind: 'forward', to: 'order', stripPrefix: false },
  ...(auth === undefined ? {} : { auth }),
});

/** A token with these claims. */
export async function sign(
  claims: JsonObject,
  header: JsonObject = {},
  algorithm: 'EdDSA' | 'HS256' = 'EdDSA',
  secret = SECRET,
): Promise<string> {
  const signed = await performEffect({
    do: 'jws.sign',
    algorithm,
    secret,
    header: { kid: keyIdOf(secret), typ: 'JWT', ...header },
    payload: JSON.stringify(claims),
  });
  if (!signed.ok) throw new Error(signed.message);
  return signed.value as string;
}
/** The public half of a secret as the Auth service publishes it. */
export async function publicKey(secret = SECRET): Promise<JsonObject> {
  const key = await performEffect({ do: 'jws.public-key', secret });
  return { ...(key.ok ? (key.value as JsonObject) : {}), kid: keyIdOf(secret), alg: 'EdDSA', use: 'sig' };
}
export const encoded = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A ready gateway before `order` and `auth`, whose key set is answered by `answer`. */
export class Bench {
  readonly port: FakePort;
  fetches = 0;
  answer: () => Promise<HttpReply | null> = async () => jsonReply({ keys: [await publicKey()] });
  private seen = 0;
  private seq = 0;

  constructor(auth: Auth, routeAuth?: Route['auth'], more: Partial<ConfigOf<'gateway'>> = {}) {
    const peers = ['order', 'auth'].map((node) => peerOf(node, 'http', 'out', serviceRecord(node)));
    const record: AnyExecutableNode = gatewayRecord([route(routeAuth)], 5000, { auth, ...more });
    this.port = createFakePort(initOf('gw', record, peers));
    this.port.attach(gatewayActor);
    this.port.deliver({ type: 'start' });
    this.port.advance(1000);
  }

  /** Sends a request and lets everybody answer; gives the gateway's reply and what reached the upstream. */
  async ask(
    headers: Record<string, string>,
  ): Promise<{ status: number; reply: HttpReply | undefined; upstream: HttpRequest | undefined; json: JsonObject }> {
    const before = this.seen;
    this.seq += 1;
    fromEdge(this.port, { path: '/api/orders', headers }, this.seq);
    await this.settle();
    const reply = edgeReplies(this.port).find(({ inReplyTo }) => inReplyTo === `input:${this.seq}`);
    const upstream = this.port.sent.slice(before).find(({ to }) => to === 'order#0')?.payload as
      | HttpRequest
      | undefined;
    return { status: reply?.status ?? 0, reply, upstream, json: (reply?.json ?? {}) as JsonObject };
  }

  async settle(): Promise<void> {
    for (;;) {
      await this.port.settle(performEffect);
      const sent = this.port.sent[this.seen];
      if (sent === undefined) return;
      this.seen += 1;
      if (sent.payload.kind !== 'http.request') continue;
      if (sent.to === 'auth#0') this.fetches += 1;
      const reply = sent.to === 'auth#0' ? await this.answer() : jsonReply({ ok: true });
      if (reply !== null) this.port.reply(sent, { kind: 'http.reply', ...reply });
    }
  }
  bearer = async (token: string | Promise<string>) => this.ask({ authorization: `Bearer ${await token}` });
}
