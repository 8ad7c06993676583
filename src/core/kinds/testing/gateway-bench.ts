import type { Json } from '../../base/json.ts';
import { EDGE, type HttpReply, type HttpRequest } from '../../fabric/message.ts';
import type { AnyExecutableNode, ConfigOf, Route } from '../../topology/schema/types.ts';
import { gatewayActor } from '../gateway/actor.ts';
import { createFakePort, type FakePort, type SentMessage } from './fake-port.ts';
import { initOf, peerOf, serviceRecord } from './fixtures.ts';

type Upstream = (request: HttpRequest, to: string) => { afterUs: number; reply: HttpReply } | null;

/** A reply with a JSON body. */
export const jsonReply = (body: Json, status = 200): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

type Policies = Partial<ConfigOf<'gateway'>>;
export const gatewayRecord = (routes: Route[], timeoutMs = 1000, policies: Policies = {}): AnyExecutableNode => ({
  kind: 'gateway',
  name: 'api',
  config: { port: 8080, routes, timeoutMs, replicas: 1, ...policies },
});

/** A ready gateway with the upstreams `order`, `user`, `product` (one instance each). */
export function runningGateway(routes: Route[], timeoutMs = 1000, policies: Policies = {}): FakePort {
  const peers = ['order', 'user', 'product'].map((node) =>
    peerOf(node, 'http', 'out', serviceRecord(`${node}-service`)),
  );
  const port = createFakePort(initOf('gw', gatewayRecord(routes, timeoutMs, policies), peers));
  port.attach(gatewayActor);
  port.deliver({ type: 'start' });
  port.advance(1000);
  return port;
}

/** Sends a request from the edge and returns its input number. */
export function fromEdge(port: FakePort, request: Partial<HttpRequest>, seq = 1): void {
  const full = { method: 'GET', path: '/', headers: {}, body: null, ...request };
  port.deliver({ type: 'input', seq, input: { kind: 'request', node: 'gw', request: full } });
}

/** Lets upstreams answer in virtual time until the gateway has nothing more to wait for; null = silence. */
export function serve(port: FakePort, upstream: Upstream, untilUs = 10_000_000): void {
  const answers: { due: number; sent: SentMessage; reply: HttpReply }[] = [];
  const end = port.now() + untilUs;
  for (let seen = 0; ;) {
    for (; seen < port.sent.length; seen += 1) {
      const sent = port.sent[seen]!;
      if (sent.payload.kind !== 'http.request') continue;
      const answer = upstream(sent.payload, sent.to);
      if (answer !== null) answers.push({ due: sent.t + answer.afterUs, sent, reply: answer.reply });
    }
    answers.sort((a, b) => a.due - b.due);
    const due = Math.min(answers[0]?.due ?? end, port.nextDue() ?? end, end);
    const before = port.sent.length;
    port.advance(due - port.now());
    // What a timer sends at this moment is seen before anything later is answered.
    if (port.sent.length > before) continue;
    const next = (answers[0]?.due ?? end) <= due ? answers.shift() : undefined;
    if (next !== undefined) port.reply(next.sent, { kind: 'http.reply', ...next.reply });
    else if (due === end) return;
  }
}

/** The gateway's answers to the edge, with their times. */
export const edgeReplies = (port: FakePort): (HttpReply & { t: number; inReplyTo: string | undefined; json: Json })[] =>
  port.sentOf('http.reply').flatMap(({ t, to, inReplyTo, payload: { status, headers, body } }) => {
    if (to !== EDGE) return [];
    const json = body === null || body === '' ? null : (JSON.parse(body) as Json);
    return [{ t, inReplyTo, status, headers, body, json }];
  });
