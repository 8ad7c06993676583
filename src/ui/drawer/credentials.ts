import { isObject, type Json } from '../../core/base/json.ts';
import { createRouter } from '../../core/kinds/gateway/routing/routing.ts';
import { flattenSteps } from '../../core/topology/steps.ts';
import type { ConfigOf, Document, Route, Step } from '../../core/topology/schema/types.ts';
import { headersOf, parseHeaders, type ConsoleRequest } from './edge-request.ts';

/** Somebody whom the drawing knows, and the request that gets a token in that name. */
export interface Login {
  /** Whose token it is. */
  who: string;
  request: ConsoleRequest;
}
/** What the gateway will ask of a request, and what the drawing has for it. */
export type Wanted =
  /** `logins` empty: the token comes from elsewhere, or no route of this gateway leads to who issues it. */
  { kind: 'token'; logins: Login[] } | { kind: 'key'; header: string; keys: { key: string; consumer: string }[] };

/** The credential that the route of a request demands; null when it demands none, or no route takes the request. */
export function wantedBy(document: Document, request: ConsoleRequest): Wanted | null {
  const config = gatewayOf(document, request.gateway);
  if (!config?.auth || routeOf(config, request)?.auth?.required === false) return null;
  if (routeOf(config, request) === null) return null;
  const { auth } = config;
  if (auth.kind === 'api-key') return { kind: 'key', header: auth.header, keys: auth.keys };
  return {
    kind: 'token',
    logins: unique([...clientLogins(document, request.gateway), ...ownLogins(document, request.gateway)]),
  };
}

/** The token in the reply to a login (RFC 6749 5.1); null when there is none. */
export function tokenIn(body: string): string | null {
  try {
    const value = JSON.parse(body) as Json;
    const token = isObject(value) ? value['access_token'] : undefined;
    return typeof token === 'string' ? token : null;
  } catch {
    return null;
  }
}

/** Header lines with one header set, in place of what it was. */
export function withHeader(headers: string, name: string, value: string): string {
  const isOther = (line: string): boolean => line.trim() !== '' && parseHeaders(line)[name.toLowerCase()] === undefined;
  return [...headers.split('\n').filter(isOther), `${name}: ${value}`].join('\n');
}

function gatewayOf(document: Document, id: string): ConfigOf<'gateway'> | undefined {
  const node = document.nodes[id];
  return node?.kind === 'gateway' ? node.config : undefined;
}

/** The route that takes a request, as the gateway itself decides. */
function routeOf(config: ConfigOf<'gateway'>, request: ConsoleRequest): Route | null {
  const decision = createRouter(config)({ method: request.method, target: request.path, headers: headersOf(request) });
  return decision.kind === 'route' ? decision.route : null;
}

/** The logins of clients on the canvas, where they are written without expressions. */
function clientLogins(document: Document, gateway: string): Login[] {
  return Object.values(document.nodes).flatMap((node): Login[] => {
    if (node.kind !== 'client') return [];
    const login = node.config.requests.find(({ id }) => id === node.config.login);
    if (!login || login.to !== gateway || JSON.stringify(login).includes('${')) return [];
    const { method, path, body } = login;
    const headers = Object.entries(login.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
    const text = body === undefined ? '' : JSON.stringify(body, null, 2);
    return [
      {
        who: nameIn(body) ?? node.title ?? node.name,
        request: { gateway, method, path, headers: headers.join('\n'), body: text },
      },
    ];
  });
}

function nameIn(body: Json | undefined): string | null {
  if (body === undefined || !isObject(body)) return null;
  const name = body['client_id'] ?? body['username'];
  return typeof name === 'string' ? name : null;
}

/** Those whom an Auth service behind this gateway knows: its configured clients, or the users of its database. */
function ownLogins(document: Document, gateway: string): Login[] {
  const config = gatewayOf(document, gateway);
  if (!config) return [];
  return Object.entries(document.nodes).flatMap(([id, node]): Login[] => {
    if (node.kind !== 'service' || node.config.tokens === undefined) return [];
    const endpoint = node.config.endpoints.find(({ steps }) => flattenSteps(steps).some((step) => step.do === 'token'));
    if (!endpoint) return [];
    const { method, path } = endpoint;
    const empty: ConsoleRequest = { gateway, method, path, headers: '', body: '' };
    const action = routeOf(config, empty)?.action;
    if (action?.kind !== 'forward' || action.to !== id) return [];
    return known(document, id, endpoint.steps).map(({ name, secret }) => {
      const body = { grant_type: 'client_credentials', client_id: name, client_secret: secret };
      return { who: name, request: { ...empty, body: JSON.stringify(body, null, 2) } };
    });
  });
}

/** Rows of the table in which the steps look for who asks; the configured clients when they ask no table. */
function known(document: Document, service: string, steps: readonly Step[]): { name: string; secret: string }[] {
  const node = document.nodes[service];
  const link = Object.values(document.links).find(({ kind, from }) => kind === 'owns' && from.node === service);
  const store = document.nodes[link?.to.node ?? ''];
  const lookup = flattenSteps(steps).find((step) => step.do === 'find');
  const users = store?.kind === 'database' && lookup ? store.config.rows[lookup.table] : undefined;
  const clients = node?.kind === 'service' ? node.config.values['clients'] : undefined;
  const list: readonly Json[] = users ?? (Array.isArray(clients) ? clients : []);
  return list.flatMap((one) => {
    if (!isObject(one)) return [];
    const { name, secret } = one;
    return typeof name === 'string' && typeof secret === 'string' ? [{ name, secret }] : [];
  });
}

function unique(logins: readonly Login[]): Login[] {
  return logins.filter(({ who }, index) => logins.findIndex((other) => other.who === who) === index);
}
