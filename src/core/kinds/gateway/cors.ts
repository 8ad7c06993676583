import type { HttpReply, HttpRequest } from '../../fabric/message.ts';
import { headerOf } from '../../http/headers.ts';
import type { Cors } from '../../topology/schema/types.ts';
import type { GatewayProblem } from './problem.ts';

const list = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** What `Access-Control-Allow-Origin` says to an origin, or null: `*` only where credentials are not allowed, for browsers refuse the two together (Fetch). */
function allowedOrigin({ allowOrigins, allowCredentials }: Cors, origin: string): string | null {
  if (allowOrigins.includes(origin)) return origin;
  return allowOrigins.includes('*') && !allowCredentials ? '*' : null;
}

/** Origin and credentials, the part that preflights and actual replies share. */
function sharedHeaders(cors: Cors, origin: string): Record<string, string> | null {
  const allowed = allowedOrigin(cors, origin);
  if (allowed === null) return null;
  return {
    'access-control-allow-origin': allowed,
    ...(cors.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
  };
}

/** True for a browser's question whether it may send a request (Fetch, CORS-preflight request). */
const isPreflight = ({ method, headers }: HttpRequest): boolean =>
  method === 'OPTIONS' &&
  headerOf(headers, 'origin') !== null &&
  headerOf(headers, 'access-control-request-method') !== null;

/** The gateway's own answer to a preflight, which no upstream sees: 204 with what is allowed, or 403 in words. Null for any other request. */
export function answerPreflight(cors: Cors | undefined, request: HttpRequest): HttpReply | GatewayProblem | null {
  if (cors === undefined || !isPreflight(request)) return null;
  const origin = headerOf(request.headers, 'origin') ?? '';
  const method = headerOf(request.headers, 'access-control-request-method') ?? '';
  const asked = list(headerOf(request.headers, 'access-control-request-headers')).map((name) => name.toLowerCase());
  const allows = (some: readonly string[], one: string): boolean =>
    some.includes('*') || some.some((item) => item.toLowerCase() === one.toLowerCase());
  const refuse = (detail: string): GatewayProblem => ({ status: 403, code: 'cors_refused', detail });
  const shared = sharedHeaders(cors, origin);
  if (shared === null) return refuse(`the origin ${origin} is not allowed`);
  if (!allows(cors.allowMethods, method)) return refuse(`the method ${method} is not allowed to other origins`);
  const unknown = asked.find((name) => !allows(cors.allowHeaders, name));
  if (unknown !== undefined) return refuse(`the header ${unknown} is not allowed to other origins`);
  return {
    status: 204,
    headers: {
      ...shared,
      'access-control-allow-methods': cors.allowMethods.join(', '),
      ...(cors.allowHeaders.length === 0 ? {} : { 'access-control-allow-headers': cors.allowHeaders.join(', ') }),
      'access-control-max-age': String(cors.maxAgeSeconds),
    },
    body: null,
  };
}

/** The headers of a reply as a browser of another origin may read it; what the upstream said about origins itself is replaced. Caches keep the replies to different origins apart by `Vary`. */
export function withCors(
  cors: Cors | undefined,
  request: HttpRequest,
  headers: Record<string, string>,
): Record<string, string> {
  if (cors === undefined) return headers;
  const isOwn = isPreflight(request);
  const kept = Object.fromEntries(
    Object.entries(headers).filter(([name]) => isOwn || !name.startsWith('access-control-')),
  );
  const varies = list(headerOf(headers, 'vary'));
  const isSame = cors.allowOrigins.includes('*') && !cors.allowCredentials;
  const vary =
    isSame || varies.some((name) => name === '*' || name.toLowerCase() === 'origin') ? varies : [...varies, 'Origin'];
  const origin = headerOf(request.headers, 'origin');
  const shared = origin === null ? null : sharedHeaders(cors, origin);
  const { exposeHeaders = [] } = cors;
  return {
    ...kept,
    ...(vary.length === 0 ? {} : { vary: vary.join(', ') }),
    ...shared,
    ...(shared === null || isOwn || exposeHeaders.length === 0
      ? {}
      : { 'access-control-expose-headers': exposeHeaders.join(', ') }),
  };
}
