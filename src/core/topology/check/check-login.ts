import type { Check } from './check.ts';
import type { ConfigOf } from '../schema/types.ts';

/** Checks the login of a client: it is one of its requests, needs no login itself, and whoever reads `login` has one. */
export function checkLogin(check: Check, config: ConfigOf<'client'>, at: string): void {
  const { login, requests } = config;
  if (login !== undefined && !requests.some((request) => request.id === login))
    check.error('REQUEST_UNKNOWN.login', `${at}/login`, {
      request: login,
      known: requests.map((request) => request.id).join(', ') || 'none',
    });
  requests.forEach((request, index) => {
    // Only names are asked for here: expressions that cannot be read are reported by whoever checks the request.
    const reads = /\$\{[^}]*\blogin\b/.test(JSON.stringify([request.path, request.headers, request.body]));
    if (!reads) return;
    if (request.id === login) check.error('LOGIN_CIRCULAR', `${at}/requests/${index}`, { request: request.id });
    else if (login === undefined) check.warn('LOGIN_MISSING', `${at}/requests/${index}`, { request: request.id });
  });
}
