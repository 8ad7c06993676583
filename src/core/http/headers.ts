import { sortedKeys } from '../base/canonical.ts';

/** Values of all headers with this name, whatever their case (RFC 9110 5.1), in the order of the names by code unit. */
export function headerValues(headers: Record<string, string>, name: string): string[] {
  const wanted = name.toLowerCase();
  return Object.keys(headers)
    .filter((key) => key.toLowerCase() === wanted)
    .sort()
    .map((key) => headers[key] as string);
}

/** The value of a header, or null; several of one name are joined by `, ` as RFC 9110 5.3 says. */
export function headerOf(headers: Record<string, string>, name: string): string | null {
  const values = headerValues(headers, name);
  return values.length === 0 ? null : values.join(', ');
}

/** A copy in lower case without the headers of these names, given in lower case. */
export function withoutHeaders(headers: Record<string, string>, dropped: ReadonlySet<string>): Record<string, string> {
  const kept: [string, string][] = [];
  for (const key of sortedKeys(headers)) {
    const lower = key.toLowerCase();
    if (!dropped.has(lower)) kept.push([lower, headers[key] as string]);
  }
  return Object.fromEntries(kept);
}

/** Headers that concern one connection only and never travel further (RFC 9110 7.6.1, RFC 2616 13.5.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A copy in lower case without hop-by-hop headers, those named by `Connection` included. */
export function endToEndHeaders(headers: Record<string, string>): Record<string, string> {
  const connection = headerOf(headers, 'connection');
  if (connection === null) return withoutHeaders(headers, HOP_BY_HOP);
  const listed = connection.split(',').map((name) => name.trim().toLowerCase());
  return withoutHeaders(headers, new Set([...HOP_BY_HOP, ...listed]));
}

/** Headers that say something about one transport or one moment; a simulated and a real server never agree on them. */
const PASSING: ReadonlySet<string> = new Set([
  'date',
  'server',
  'content-length',
  'host',
  'user-agent',
  'accept-encoding',
  'traceparent',
  'tracestate',
  'baggage',
]);

/** End-to-end headers without those of one transport or moment: what a handler may look at and get the same in tab and container. */
export const lastingHeaders = (headers: Record<string, string>): Record<string, string> =>
  withoutHeaders(endToEndHeaders(headers), PASSING);
