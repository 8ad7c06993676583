import { canonicalize } from '../../base/canonical.ts';
import { asTemplate } from '../../expression/template.ts';
import type { HttpRequest } from '../../fabric/message.ts';
import { withoutHeaders } from '../../http/headers.ts';
import { createAggregation, partResult, withWarnings, type Aggregate, type Command } from './aggregate.ts';
import { evaluatorOf, scopeOf, type Exchange } from './exchange.ts';
import { statusOfFailure, type Matching } from './problem.ts';
import { partName, partRetries } from './retry-policies.ts';
import { transformHeaders } from './transform.ts';
import { callUpstream, upstreamHeaders } from './upstream-call.ts';

/** What a request without a body says nothing about. */
const CONTENT: ReadonlySet<string> = new Set(['content-type']);

/** Status for a required part that failed: 404 stays 404 (what was asked for does not exist), other answers of error are 502, a fault of the route itself is 500, the rest as for a forward. */
function statusOfPart(matching: Matching, code: string): number {
  if (code === 'http_404') return 404;
  if (code.startsWith('http_')) return 502;
  return code.startsWith('expression') || code === 'limit' ? 500 : statusOfFailure(matching, code);
}

/** Fetches the parts and answers with the body made of them (GW15). */
export function aggregate(exchange: Exchange, action: Aggregate): void {
  const { port, request, route, config } = exchange;
  const scope = scopeOf(exchange);
  const evaluate = evaluatorOf(exchange);
  const parts = action.parts.map((part) => (part.each === undefined ? part : { ...part, each: asTemplate(part.each) }));
  const aggregation = createAggregation({ ...action, parts }, scope, evaluate);
  const calls = new Map<string, ReturnType<typeof callUpstream>>();
  const sending = transformHeaders([config.transform, route.transform], upstreamHeaders(exchange), evaluate, scope);
  if (!sending.ok) return exchange.refuse({ status: 500, code: sending.failure.code, detail: sending.failure.message });
  const { value: headers } = sending;

  function finish(outcome: Extract<Command, { do: 'done' }>['outcome']): void {
    if (!outcome.ok) {
      const { code, message } = outcome.failure;
      const status = statusOfPart(config.matching ?? 'gateway-api', code);
      return exchange.refuse({ status, code, detail: `part ${outcome.part}: ${message}`, part: outcome.part });
    }
    const body = evaluate(action.body, { ...scope, parts: outcome.parts });
    if (!body.ok) return exchange.refuse({ status: 500, code: body.failure.code, detail: body.failure.message });
    const text = canonicalize(withWarnings(body.value, outcome.warnings));
    exchange.reply({ status: 200, headers: { 'content-type': 'application/json' }, body: text });
  }

  function perform(commands: Command[]): void {
    for (const command of commands) {
      if (command.do === 'done') finish(command.outcome);
      else if (command.do === 'limit') {
        port.emit({ type: 'limit.hit', limit: 'MAX_ITEMS', value: command.value, message: command.message });
      } else if (command.do === 'cancel') {
        for (const open of command.keys) {
          calls.get(open)?.cancel('cancelled: another required part failed');
          calls.delete(open);
        }
      } else fetch(command);
    }
  }

  function fetch({ key, part, path: target }: Extract<Command, { do: 'fetch' }>): void {
    const { to, method, timeoutMs } = part;
    const isPost = method === 'POST';
    const sent = isPost ? headers : withoutHeaders(headers, CONTENT);
    const asked: HttpRequest = { method, path: target, headers: sent, body: isPost ? request.body : null };
    const retries = partRetries(config, route, part);
    const upstream = {
      name: partName(route, part.id),
      place: `${route.id}/${key}`,
      to,
      request: asked,
      timeoutMs,
      retries,
    };
    const call = callUpstream(exchange, upstream, ({ result }) => {
      calls.delete(key);
      perform(aggregation.settle(key, result.ok ? partResult(result.reply) : result));
    });
    calls.set(key, call);
  }

  perform(aggregation.start());
}
