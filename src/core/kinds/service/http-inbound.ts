import { canonicalize } from '../../base/canonical.ts';
import type { Failure } from '../../behaviour/effect.ts';
import { problemOf, statusOf } from '../../behaviour/interpreter.ts';
import { injectedStatus } from '../../fabric/faults.ts';
import type { HttpReply, HttpRequest, InstanceId, TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { endToEndHeaders } from '../../http/headers.ts';
import { matchEndpoint, splitTarget } from '../../http/path.ts';
import type { ConfigOf, Endpoint } from '../../topology/schema/types.ts';
import { parseBody } from './parse-body.ts';
import { handlerSpanId, type Work } from './work.ts';

/** Where a request came from and its reply goes. */
export interface Origin {
  to: InstanceId;
  link: string | null;
  inReplyTo: string;
  /** Takes the reply instead of a message: of a probe, which comes from the machine itself. */
  answer?: (reply: HttpReply) => void;
}

const problemReply = (
  status: number,
  code: string,
  detail: string,
  headers: Record<string, string> = {},
): HttpReply => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: canonicalize({ code, detail, status }),
});

/** Reply to a request that no handler will see: error-rate fault, not ready, no such path, no such method; null when one will. */
function refusal(
  name: string,
  closed: 'starting' | 'stopping' | null,
  injected: number | null,
  match: ReturnType<typeof matchEndpoint<Endpoint>>,
): HttpReply | null {
  if (injected !== null) return problemReply(injected, 'injected', `${name} answers ${injected} by fault`);
  if (closed === 'starting') return problemReply(503, 'not_ready', `${name} is starting`);
  if (closed === 'stopping') return problemReply(503, 'stopping', `${name} has been drained and ends`);
  if (match.ok) return null;
  if (match.status === 404) return problemReply(404, 'no_endpoint', `${name} has no such path`);
  return problemReply(405, 'method_not_allowed', `${name} does not allow this method here`, {
    allow: match.allow.join(', '),
  });
}

const uncaught = (failure: Failure): HttpReply => ({
  status: statusOf(failure),
  headers: { 'content-type': 'application/problem+json' },
  body: canonicalize(problemOf(failure)),
});

/** The work of one HTTP request. The SERVER span ends with the reply, so that the caller's CLIENT span contains it (OB3); `done` when the steps are over. */
export function httpWork(
  port: ActorPort,
  config: ConfigOf<'service'>,
  closed: 'starting' | 'stopping' | null,
  incoming: TraceContext | null,
  request: HttpRequest,
  origin: Origin,
  occurrence: (spanId: string) => number,
  done: () => void,
): Work {
  const { method } = request;
  const { path, query } = splitTarget(request.path);
  const given = incoming ?? { traceId: port.hexId('trace', 32, origin.inReplyTo), spanId: '' };
  const first = handlerSpanId(port, given, 'server');
  // The network may bring a request twice: the second handling is one of its own, and a trace of its own where nobody gave one.
  const again = occurrence(first);
  const isOwn = incoming === null && again > 0;
  const trace = isOwn ? { traceId: port.hexId('trace', 32, origin.inReplyTo, again), spanId: '' } : given;
  const { traceId } = trace;
  const { init } = port;
  const spanId = again === 0 ? first : handlerSpanId(port, trace, 'server', init.instance, init.incarnation, again);
  const injected = injectedStatus(port, spanId);
  let replied = false;
  const respond = (reply: HttpReply, failure: Failure | null = null): void => {
    if (replied) return;
    replied = true;
    const operation = `${reply.status} ${method} ${path}`;
    const { answer, ...way } = origin;
    if (answer) answer(reply);
    else port.send({ ...way, operation, trace: { ...trace, spanId }, payload: { kind: 'http.reply', ...reply } });
    const error = reply.status >= 500;
    port.emit({
      type: 'span.ended',
      traceId,
      spanId,
      status: error ? 'error' : 'unset',
      description: failure?.message ?? (error ? `HTTP ${reply.status}${injected === null ? '' : ' by fault'}` : null),
      attributes: { 'http.response.status_code': reply.status },
    });
  };
  const match = matchEndpoint(config.endpoints, method, path);
  const early = refusal(init.record.name, closed, injected, match);
  const endpoint = match.ok && !early ? match.endpoint : undefined;
  const params = match.ok ? match.params : {};
  return {
    name: `${method} ${endpoint?.path ?? path}`,
    kind: 'SERVER',
    trace,
    parentSpanId: trace.spanId === '' ? null : trace.spanId,
    spanId,
    attempt: 0,
    attributes: {
      'http.request.method': method,
      'url.path': path,
      ...(endpoint ? { 'http.route': endpoint.path } : {}),
      ...(injected === null ? {} : { 'servarium.fault': 'error-rate' }),
    },
    handler: endpoint?.id ?? '',
    saga: endpoint?.saga,
    steps: endpoint?.steps ?? [],
    scope: {
      request: {
        method,
        path,
        params,
        query,
        headers: endToEndHeaders(request.headers),
        body: parseBody(request.body),
      },
    },
    respond,
    finished(failure) {
      if (early) respond(early);
      else if (failure && replied)
        port.emit({ type: 'log', severity: 'ERROR', text: failure.message, traceId, spanId });
      else if (failure) respond(uncaught(failure), failure);
      else respond({ status: 204, headers: {}, body: null });
      done();
    },
  };
}
