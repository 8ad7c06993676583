import { canonicalize } from '../../base/canonical.ts';
import { isoTime } from '../../base/iso-time.ts';
import { childSpanId, random, uuid } from '../../base/random.ts';
import { asExpression, type TemplateCache } from '../../behaviour/compiled.ts';
import type { HttpReply, HttpRequest, TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { headerOf, lastingHeaders, withoutHeaders } from '../../http/headers.ts';
import { splitTarget } from '../../http/path.ts';
import { extractTrace } from '../../http/trace-context.ts';
import type { Route } from '../../topology/types.ts';
import type { HttpCaller } from '../caller/http-caller.ts';
import { tracedCall } from '../caller/traced-call.ts';
import {
  createAggregation,
  parseJson,
  partResult,
  withWarnings,
  type Aggregate,
  type Command,
  type Evaluate,
} from './aggregate.ts';
import { problemReply, statusOfFailure, upstreamProblem } from './problem.ts';
import { forwardTarget } from './routing.ts';

/** One request inside the gateway: where it stands in its trace, when it must be over, and how it is answered. */
export interface Exchange {
  port: ActorPort;
  caller: HttpCaller;
  templates: TemplateCache;
  request: HttpRequest;
  /** Trace whose `spanId` is the SERVER span of this gateway. */
  trace: TraceContext;
  requestId: string;
  /** Virtual time by which the answer is due: the timeout is for the whole request (GW8). */
  deadline: number;
  reply(reply: HttpReply): void;
}

/** What the gateway sends on: the lasting headers, the request id, and what belongs to the trace: baggage, and `tracestate` when its trace goes on (W3C 3.3). */
function upstreamHeaders({ request, requestId }: Exchange): Record<string, string> {
  const baggage = headerOf(request.headers, 'baggage');
  const state = extractTrace(request.headers) === null ? null : headerOf(request.headers, 'tracestate');
  return {
    ...lastingHeaders(request.headers),
    'x-request-id': requestId,
    ...(baggage === null ? {} : { baggage }),
    ...(state === null ? {} : { tracestate: state }),
  };
}

const remainingMs = ({ port, deadline }: Exchange): number => Math.max(0, deadline - port.now()) / 1000;

/** Calls an upstream under a CLIENT span of its own. */
function callUpstream(
  exchange: Exchange,
  call: { name: string; to: string; request: HttpRequest },
  onDone: Parameters<typeof tracedCall>[2]['onDone'],
): ReturnType<typeof tracedCall> {
  const { port, caller, trace } = exchange;
  return tracedCall(port, caller, {
    to: call.to,
    request: call.request,
    timeoutMs: remainingMs(exchange),
    parentSpanId: trace.spanId,
    trace: { ...trace, spanId: childSpanId(port.init.seed, trace.spanId, 'upstream', call.name) },
    onDone,
  });
}

/** Forwards to one upstream and passes its reply on, both without the headers of one connection or moment. */
export function forward(exchange: Exchange, route: Route, action: Extract<Route['action'], { kind: 'forward' }>): void {
  const { request } = exchange;
  const path = forwardTarget(route, action.stripPrefix, request.path);
  const { method, body } = request;
  const upstream = { method, path, headers: upstreamHeaders(exchange), body };
  callUpstream(exchange, { name: route.id, to: action.to, request: upstream }, (result) => {
    if (!result.ok) return exchange.reply(upstreamProblem(result.failure));
    const { status, headers, body: text } = result.reply;
    exchange.reply({ status, headers: lastingHeaders(headers), body: text });
  });
}

/** Templates of a route: what they draw depends on the trace and the place, not on this instance. */
function evaluator({ port, templates, trace }: Exchange, route: Route): Evaluate {
  let counter = 0;
  const key = (): [string, string, string, number] => [trace.traceId, trace.spanId, route.id, (counter += 1)];
  return (source, scope) => {
    const result = templates.of(source).evaluate(scope, {
      now: () => isoTime(port.now()),
      random: () => random(port.init.seed, 'gateway', ...key()),
      uuid: () => uuid(port.init.seed, ...key()),
    });
    if (result.ok) return result;
    return { ok: false, failure: { code: result.error.code.toLowerCase(), message: result.error.message } };
  };
}

/** Status for a required part that failed: 404 stays 404 (what was asked for does not exist), a fault of the route itself is 500, the rest as for a forward. */
function statusOfPart(code: string): number {
  if (code === 'http_404') return 404;
  return code.startsWith('expression') || code === 'limit' ? 500 : statusOfFailure(code);
}

/** Fetches the parts and answers with the body made of them (GW15). */
export function aggregate(exchange: Exchange, route: Route, action: Aggregate): void {
  const { port, request } = exchange;
  const { path, query } = splitTarget(request.path);
  const headers = lastingHeaders(request.headers);
  const scope = {
    request: { method: request.method, path, params: {}, query, headers, body: parseJson(request.body) },
  };
  const evaluate = evaluator(exchange, route);
  const parts = action.parts.map((part) =>
    part.each === undefined ? part : { ...part, each: asExpression(part.each) },
  );
  const aggregation = createAggregation({ ...action, parts }, scope, evaluate);
  const calls = new Map<string, ReturnType<typeof tracedCall>>();

  function finish(outcome: Extract<Command, { do: 'done' }>['outcome']): void {
    if (!outcome.ok) {
      const { code, message } = outcome.failure;
      const status = statusOfPart(code);
      exchange.reply(problemReply(status, code, `part ${outcome.part}: ${message}`, { part: outcome.part }));
      return;
    }
    const body = evaluate(action.body, { ...scope, parts: outcome.parts });
    if (!body.ok) return exchange.reply(problemReply(500, body.failure.code, body.failure.message));
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

  function fetch({ key, to, method, path: target }: Extract<Command, { do: 'fetch' }>): void {
    const isPost = method === 'POST';
    const sent = isPost ? upstreamHeaders(exchange) : withoutHeaders(upstreamHeaders(exchange), ['content-type']);
    const part: HttpRequest = { method, path: target, headers: sent, body: isPost ? request.body : null };
    const call = callUpstream(exchange, { name: `${route.id}/${key}`, to, request: part }, (result) => {
      calls.delete(key);
      perform(aggregation.settle(key, result.ok ? partResult(result.reply) : result));
    });
    calls.set(key, call);
  }

  perform(aggregation.start());
}
