import type { HttpRequest } from '../../fabric/message.ts';
import { lastingHeaders } from '../../http/headers.ts';
import type { Route } from '../../topology/types.ts';
import type { Exchange } from './exchange.ts';
import { upstreamProblem } from './problem.ts';
import { callUpstream, upstreamHeaders } from './upstream-call.ts';

type Forward = Extract<Route['action'], { kind: 'forward' }>;

/** Forwards to one upstream and passes its reply on, both without the headers of one connection or moment. */
export function forward(exchange: Exchange, action: Forward): void {
  const { request, target, route, config } = exchange;
  const { method, body } = request;
  const upstream: HttpRequest = { method, path: target, headers: upstreamHeaders(exchange), body };
  callUpstream(exchange, { name: route.id, to: action.to, request: upstream }, (result) => {
    if (!result.ok) return exchange.refuse(upstreamProblem(config.matching ?? 'gateway-api', result.failure));
    const { status, headers, body: text } = result.reply;
    exchange.reply({ status, headers: lastingHeaders(headers), body: text });
  });
}
