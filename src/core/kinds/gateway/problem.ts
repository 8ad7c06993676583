import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { HttpReply } from '../../fabric/message.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';

export type Matching = NonNullable<ConfigOf<'gateway'>['matching']>;
/** What a gateway answers itself. `flag`: Envoy's response flag; `part`: of an aggregate. */
export interface GatewayProblem {
  status: number;
  code: string;
  detail: string;
  flag?: string;
  headers?: Record<string, string>;
  part?: string;
}

/** Envoy's response flags of what a gateway says itself. */
const FLAGS: Record<string, string> = {
  no_route: 'NR',
  timeout: 'UT',
  connection_refused: 'UF',
  connection_reset: 'UC',
  no_instances: 'UH',
  no_healthy_host: 'UH',
  upstream_overflow: 'UO',
  rate_limited: 'RL',
};
/** Names of the statuses that a gateway gives (RFC 9110, RFC 6585). */
const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/**
 * Status of an upstream that gave no answer (GW3): too slow is 504 everywhere; all else is 503 as Envoy says it (refused, reset, nobody
 * there, overflow) and 502 as nginx does.
 */
export const statusOfFailure = (matching: Matching, code: string): number =>
  code === 'timeout' ? 504 : matching === 'nginx' ? 502 : 503;

/** The problem that an upstream's failure is. */
export const upstreamProblem = (matching: Matching, { code, message }: Failure): GatewayProblem => ({
  status: statusOfFailure(matching, code),
  code,
  detail: message,
});

/** Envoy's flag of a problem, its own or that of its code; null when Envoy has none. */
export const flagOf = ({ flag, code }: GatewayProblem): string | null => flag ?? FLAGS[code] ?? null;

/** The reply that a problem is: an RFC 9457 body whose `instance` is the request's id. */
export function problemReply(problem: GatewayProblem, requestId: string): HttpReply {
  const { status, code, detail, headers, part } = problem;
  const flag = flagOf(problem);
  const body: Json = {
    type: 'about:blank',
    title: TITLES[status] ?? `HTTP ${status}`,
    status,
    detail,
    instance: requestId,
    code,
    ...(flag === null ? {} : { flag }),
    ...(part === undefined ? {} : { part }),
  };
  return { status, headers: { 'content-type': 'application/problem+json', ...headers }, body: canonicalize(body) };
}
