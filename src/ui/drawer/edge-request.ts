import type { RunPort } from '../../core/fabric/run-api.ts';

/** A request as it stands in the console. */
export interface ConsoleRequest {
  gateway: string;
  method: string;
  path: string;
  /** `Name: value`, one per line. */
  headers: string;
  body: string;
}
export interface ConsoleReply {
  status: number;
  headers: [string, string][];
  body: string;
  wallMs: number;
  /** True when no service worker was there and the request was handed straight to the run. */
  isDirect: boolean;
}
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Header lines as pairs; lines without a colon are left out. */
export function parseHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) headers[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
  }
  return headers;
}

const hasBody = (request: ConsoleRequest): boolean => request.method !== 'GET' && request.body.trim() !== '';

/** Headers that are sent: a body without a type is JSON. */
export function headersOf(request: ConsoleRequest): Record<string, string> {
  const headers = parseHeaders(request.headers);
  return hasBody(request) && headers['content-type'] === undefined
    ? { 'content-type': 'application/json', ...headers }
    : headers;
}

/** Sends the request through the page's own `fetch`; without a service worker it is handed to the run, and the reply says so. Rejects only when the network refuses. */
export async function sendRequest(request: ConsoleRequest, port: RunPort, base: string): Promise<ConsoleReply> {
  const started = performance.now();
  const { gateway, method, path } = request;
  const headers = headersOf(request);
  const body = hasBody(request) ? request.body : null;
  if (navigator.serviceWorker?.controller == null) {
    const reply = await port.edge(gateway, { method, path, headers, body });
    const wallMs = performance.now() - started;
    return {
      status: reply.status,
      headers: Object.entries(reply.headers),
      body: reply.body ?? '',
      wallMs,
      isDirect: true,
    };
  }
  const url = new URL(`edge/${gateway}${path}`, base);
  const response = await fetch(url, { method, headers, ...(body === null ? {} : { body }), cache: 'no-store' });
  const text = await response.text();
  const wallMs = performance.now() - started;
  return { status: response.status, headers: [...response.headers], body: text, wallMs, isDirect: false };
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The same request for the exported system, where the gateway listens on its port. */
export function curlOf(request: ConsoleRequest, gatewayPort: number): string {
  const parts = [`curl -X ${request.method} ${quote(`http://localhost:${gatewayPort}${request.path}`)}`];
  for (const [name, value] of Object.entries(headersOf(request))) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  if (hasBody(request)) parts.push(`-d ${quote(request.body)}`);
  return parts.join(' \\\n  ');
}
