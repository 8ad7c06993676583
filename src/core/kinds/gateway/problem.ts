import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { HttpReply } from '../../fabric/message.ts';

/** Envoy's response flags of what a gateway says itself. */
const FLAGS: Record<string, string> = {
  no_route: 'NR',
  timeout: 'UT',
  connection_refused: 'UF',
  connection_reset: 'UC',
  no_instances: 'UH',
  no_healthy_host: 'UH',
  upstream_overflow: 'UO',
};
/** Nobody there, nobody who may be asked, or too much under way. */
const UNAVAILABLE = new Set(['no_instances', 'no_healthy_host', 'upstream_overflow']);
/** Status of a failed upstream: 504 too slow, 503 nobody there, 502 everything else (GW3; unlike Envoy a refused connection is 502, as in nginx). */
export const statusOfFailure = (code: string): number =>
  code === 'timeout' ? 504 : UNAVAILABLE.has(code) ? 503 : 502;

/** A reply of the gateway's own: RFC 9457 body `{code, detail, status}` and, where Envoy has one, its `flag`. */
export function problemReply(
  status: number,
  code: string,
  detail: string,
  more: { headers?: Record<string, string>; part?: string } = {},
): HttpReply {
  const flag = FLAGS[code];
  const body: Json = {
    code,
    detail,
    status,
    ...(flag === undefined ? {} : { flag }),
    ...(more.part === undefined ? {} : { part: more.part }),
  };
  return { status, headers: { 'content-type': 'application/problem+json', ...more.headers }, body: canonicalize(body) };
}

/** The reply for an upstream that could not be reached or did not answer. */
export const upstreamProblem = (failure: Failure, part?: string): HttpReply =>
  problemReply(statusOfFailure(failure.code), failure.code, failure.message, part === undefined ? {} : { part });
