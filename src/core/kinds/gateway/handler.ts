import { canonicalize } from '../../base/canonical.ts';
import { isObject, type Json } from '../../base/json.ts';
import { random, uuid } from '../../base/random.ts';
import { asExpression, type TemplateCache } from '../../behaviour/compiled.ts';
import type { Behaviour, BehaviourHost, Effect, EffectResult, Failure } from '../../behaviour/effect.ts';
import type { Scope } from '../../expression/types.ts';
import type { HttpRequest } from '../../fabric/message.ts';
import { headerOf, lastingHeaders, withoutHeaders } from '../../http/headers.ts';
import { splitTarget } from '../../http/path.ts';
import type { ConfigOf, Route } from '../../topology/types.ts';
import { matchRoute } from './routes.ts';

export interface GatewayRun {
  config: ConfigOf<'gateway'>;
  request: HttpRequest;
  host: BehaviourHost;
  templates: TemplateCache;
  /** Time left of the whole request, ms (GW8: one timeout for everything). */
  remainingMs(): number;
}
type Aggregate = Extract<Route['action'], { kind: 'aggregate' }>;
type Part = Aggregate['parts'][number];

const FLAGS: Record<string, number> = {
  timeout: 504,
  no_instances: 503,
  connection_refused: 502,
  connection_reset: 502,
};

function respond(status: number, code: string, detail: string, headers: Record<string, string>): Effect {
  const type = { 'content-type': 'application/problem+json' };
  return {
    do: 'respond',
    path: 'reply',
    status,
    headers: { ...headers, ...type },
    body: null,
    text: canonicalize({ code, detail, status }),
  };
}

/** How long the whole request may take, ms. */
export function requestTimeoutMs(config: ConfigOf<'gateway'>, request: HttpRequest): number {
  const match = matchRoute(config.routes, request.method, splitTarget(request.path).path);
  return match.ok ? (match.route.timeoutMs ?? config.timeoutMs) : config.timeoutMs;
}

/** Handles one request: route, forward or aggregate, reply. The same generator in the tab and in the exported gateway. */
export function* runGateway(run: GatewayRun): Behaviour {
  const { config, request, host } = run;
  const { path } = splitTarget(request.path);
  const requestId =
    headerOf(request.headers, 'x-request-id') ?? uuid(host.seed, 'request-id', host.traceId, host.spanId);
  const stamp = { 'x-request-id': requestId };
  const match = matchRoute(config.routes, request.method, path);
  if (!match.ok) {
    if (match.status === 404) yield respond(404, 'no_route', `no route for ${path}`, stamp);
    else
      yield respond(405, 'method_not_allowed', `${request.method} is not allowed on ${path}`, {
        ...stamp,
        allow: match.allow.join(', '),
      });
    return null;
  }
  const { route } = match;
  if (route.action.kind === 'forward') return yield* forward(run, route, route.action, stamp);
  return yield* aggregate(run, route.action, stamp);
}

function* forward(
  run: GatewayRun,
  route: Route,
  action: Extract<Route['action'], { kind: 'forward' }>,
  stamp: Record<string, string>,
): Behaviour {
  const { request } = run;
  const bare = route.path.replace(/\/$/, '');
  const stripped = action.stripPrefix ? request.path.slice(bare.length) : request.path;
  const result: EffectResult = yield {
    do: 'call',
    path: route.id,
    to: action.to,
    method: request.method,
    target: stripped.startsWith('/') ? stripped : `/${stripped}`,
    headers: { ...withoutHeaders(lastingHeaders(request.headers), ['x-request-id']), ...stamp },
    body: request.body,
    timeoutMs: run.remainingMs(),
    compensates: false,
  };
  if (!result.ok) {
    const { code, message } = result.failure;
    yield respond(FLAGS[code] ?? 502, code, message, stamp);
    return null;
  }
  const { status, headers, text } = result.value as {
    status: number;
    headers: Record<string, string>;
    text: string | null;
  };
  yield {
    do: 'respond',
    path: 'reply',
    status,
    headers: { ...withoutHeaders(headers, ['x-request-id']), ...stamp },
    body: null,
    text,
  };
  return null;
}

interface Gathered {
  parts: Record<string, Json>;
  warnings: Json[];
  failure: Failure | null;
}

function* aggregate(run: GatewayRun, action: Aggregate, stamp: Record<string, string>): Behaviour {
  const gathered: Gathered = { parts: {}, warnings: [], failure: null };
  if (action.mode === 'parallel') {
    yield {
      do: 'parallel',
      path: 'parts',
      branches: action.parts.map((part) => fetchPart(run, part, gathered, stamp, true)),
    };
  } else {
    for (const part of action.parts) {
      yield* fetchPart(run, part, gathered, stamp, false);
      if (gathered.failure) break;
    }
  }
  if (gathered.failure) {
    const { code, message, status } = gathered.failure;
    // A required part that does not exist is the client's mistake, not the gateway's.
    yield respond(status === 404 ? 404 : code === 'timeout' ? 504 : (FLAGS[code] ?? 502), code, message, stamp);
    return null;
  }
  const body = evaluate(run, 'body', action.body, { parts: gathered.parts });
  if (!body.ok) {
    yield respond(500, body.failure.code, body.failure.message, stamp);
    return null;
  }
  const whole =
    gathered.warnings.length > 0 && isObject(body.value) ? { ...body.value, warnings: gathered.warnings } : body.value;
  yield { do: 'respond', path: 'reply', status: 200, headers: stamp, body: whole };
  return null;
}

/** Fetches a part into `gathered`; a required part that fails is the failure of the whole, an optional one becomes null and a warning. */
function* fetchPart(
  run: GatewayRun,
  part: Part,
  gathered: Gathered,
  stamp: Record<string, string>,
  parallel: boolean,
): Behaviour {
  const fetched: Json[] = [];
  const failures: Failure[] = [];
  const scope = { parts: gathered.parts };
  const items: EffectResult =
    part.each === undefined ? { ok: true, value: [null] } : evaluate(run, part.id, asExpression(part.each), scope);
  if (!items.ok) failures.push(items.failure);
  const list = items.ok && Array.isArray(items.value) ? items.value : [];
  const branches = list.map((item, index) =>
    fetchOne(run, part, index, part.each === undefined ? scope : { ...scope, item }, stamp, fetched, failures),
  );
  if (parallel && branches.length > 1) yield { do: 'parallel', path: part.id, branches };
  else for (const branch of branches) yield* branch;
  const failure = failures[0];
  if (!failure) gathered.parts[part.id] = part.each === undefined ? (fetched[0] ?? null) : fetched;
  else if (part.required) gathered.failure ??= failure;
  else {
    gathered.parts[part.id] = null;
    gathered.warnings.push({ part: part.id, code: failure.code, detail: failure.message });
  }
  return null;
}

function* fetchOne(
  run: GatewayRun,
  part: Part,
  index: number,
  scope: Scope,
  stamp: Record<string, string>,
  fetched: Json[],
  failures: Failure[],
): Behaviour {
  const path = part.each === undefined ? part.id : `${part.id}[${index}]`;
  const target = evaluate(run, path, part.path, scope);
  if (!target.ok) {
    failures.push(target.failure);
    return null;
  }
  const timeoutMs = run.remainingMs();
  const result: EffectResult = yield {
    do: 'call',
    path,
    to: part.to,
    method: part.method,
    target: String(target.value),
    headers: stamp,
    body: null,
    timeoutMs,
    compensates: false,
  };
  if (!result.ok) failures.push(result.failure);
  else {
    const { status, body } = result.value as { status: number; body: Json };
    if (status >= 400) failures.push({ code: `http_${status}`, message: `${part.id} answered ${status}`, status });
    else fetched[index] = body;
  }
  return null;
}

function evaluate(run: GatewayRun, path: string, source: Json, scope: Scope): EffectResult {
  const { host, request } = run;
  const { path: requestPath, query } = splitTarget(request.path);
  let counter = 0;
  const seen = { method: request.method, path: requestPath, query, headers: lastingHeaders(request.headers) };
  const result = run.templates.of(source).evaluate(
    { ...scope, request: seen },
    {
      now: () => host.nowText(),
      random: () => random(host.seed, 'behaviour', host.traceId, host.node, host.spanId, path, counter++),
      uuid: () => uuid(host.seed, host.traceId, host.node, host.spanId, path, counter++),
    },
  );
  return result.ok
    ? result
    : { ok: false, failure: { code: result.error.code.toLowerCase(), message: result.error.message } };
}
