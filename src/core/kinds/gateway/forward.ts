import type { HttpRequest } from '../../fabric/message.ts';
import { lastingHeaders } from '../../http/headers.ts';
import type { Route } from '../../topology/schema/types.ts';
import { evaluatorOf, scopeOf, type Exchange } from './exchange.ts';
import { flagOf, upstreamProblem } from './problem.ts';
import { retriesOf } from './retry-policies.ts';
import { transformRequest } from './transform.ts';
import { callUpstream, upstreamHeaders } from './upstream-call.ts';

type Forward = Extract<Route['action'], { kind: 'forward' }>;

/** Who gets a request of a split: shares by weight, decided by hash of the request's span, so that the same request always goes the same way. */
export function upstreamOf({ to, split }: Forward, u: number): string {
  const total = (split ?? []).reduce((sum, { weight }) => sum + weight, 0);
  let left = u * total;
  for (const share of split ?? []) {
    left -= share.weight;
    if (left < 0) return share.to;
  }
  return to;
}

/** Forwards to one upstream and passes its reply on, both without the headers of one connection or moment, and as the transformations leave them. */
export function forward(exchange: Exchange, action: Forward): void {
  const { port, request, target, route, config, trace, attributes } = exchange;
  const { method, body } = request;
  const stages = [config.transform, route.transform];
  const plain: HttpRequest = { method, path: target, headers: upstreamHeaders(exchange), body };
  const upstream = stages.every((stage) => stage?.request === undefined)
    ? { ok: true as const, value: plain }
    : transformRequest(stages, plain, evaluatorOf(exchange, 'transform-request'), scopeOf(exchange));
  if (!upstream.ok)
    return exchange.refuse({ status: 500, code: upstream.failure.code, detail: upstream.failure.message });
  const to = upstreamOf(action, port.random('split', port.init.node, route.id, trace.spanId));
  if (action.split !== undefined) attributes['servarium.upstream'] = to;
  const retries = retriesOf(config, route);
  callUpstream(
    exchange,
    { name: route.id, place: route.id, to, request: upstream.value, retries },
    ({ result, exhausted }) => {
      if (!result.ok) {
        const problem = upstreamProblem(config.matching ?? 'gateway-api', result.failure);
        const flags = [flagOf(problem), exhausted ? 'URX' : null].filter((flag) => flag !== null);
        return exchange.refuse({ ...problem, ...(flags.length === 0 ? {} : { flag: flags.join(',') }) });
      }
      if (exhausted) attributes['servarium.flag'] = 'URX';
      const { status, headers, body: text } = result.reply;
      exchange.reply({ status, headers: lastingHeaders(headers), body: text });
    },
  );
}
