import { isoTime } from '../../base/iso-time.ts';
import type { Json } from '../../base/json.ts';
import { random, uuid } from '../../base/random.ts';
import type { TemplateCache } from '../../behaviour/compiled.ts';
import type { HttpReply, HttpRequest, TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { lastingHeaders } from '../../http/headers.ts';
import { splitTarget } from '../../http/path.ts';
import type { ConfigOf, Route } from '../../topology/schema/types.ts';
import type { HttpCaller } from '../caller/http-caller.ts';
import type { PolicyCaller } from '../caller/policy-caller.ts';
import { parseJson, type Evaluate } from './aggregate.ts';
import type { GatewayProblem } from './problem.ts';

/** Who asks, once authentication has found out. */
export interface Consumer {
  name: string;
  claims: Record<string, Json>;
}

/** Who asks for what, over HTTP or gRPC: where the request stands in its trace, when it must be over, and how it is refused. */
export interface Asking {
  port: ActorPort;
  config: ConfigOf<'gateway'>;
  /** As it came; an rpc as the POST that it is over HTTP/2, its metadata for headers and without its message. */
  request: HttpRequest;
  /** Address of who sent it, without a port; `edge` from outside. */
  clientAddress: string;
  route: Route;
  /** Null until somebody is known. */
  consumer: Consumer | null;
  /** Trace whose `spanId` is the SERVER span of this gateway. */
  trace: TraceContext;
  requestId: string;
  /** Virtual time by which the answer is due: the timeout is for the whole request, retries included (GW8). */
  deadline: number;
  /** Attributes for the end of the SERVER span. */
  attributes: Record<string, Json>;
  /** Headers that every answer to this request carries. */
  headers: Record<string, string>;
  /** Answers with a problem of the gateway's own; once. */
  refuse(problem: GatewayProblem): void;
}
/** One request over HTTP inside the gateway. */
export interface Exchange extends Asking {
  caller: HttpCaller;
  policies: PolicyCaller;
  templates: TemplateCache;
  /** Decoded parts of a path template. */
  params: Record<string, string>;
  /** Path with query for the upstream, before transformations. */
  target: string;
  /** Answers with what an upstream said; once. */
  reply(reply: HttpReply): void;
}

/** Names that expressions of a route read: the request as it came, with its end-to-end headers and parsed body, and who asks. */
export function scopeOf(exchange: Exchange): Record<string, Json> {
  const { request, params, consumer } = exchange;
  const { path, query } = splitTarget(request.path);
  return {
    request: {
      method: request.method,
      path,
      params,
      query,
      headers: lastingHeaders(request.headers),
      body: parseJson(request.body),
    },
    consumer: consumer === null ? null : { name: consumer.name, claims: consumer.claims },
  };
}

/** Templates of a route: what they draw depends on the trace and the place, not on this instance. */
export function evaluatorOf({ port, templates, trace, route }: Exchange, purpose = 'gateway'): Evaluate {
  let counter = 0;
  const key = (): [string, string, string, number] => [trace.traceId, trace.spanId, route.id, (counter += 1)];
  return (source, scope) => {
    const result = templates.of(source).evaluate(scope, {
      now: () => isoTime(port.now()),
      random: () => random(port.init.seed, purpose, ...key()),
      uuid: () => uuid(port.init.seed, ...key()),
    });
    if (result.ok) return result;
    return { ok: false, failure: { code: result.error.code.toLowerCase(), message: result.error.message } };
  };
}
