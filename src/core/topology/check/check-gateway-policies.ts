import { sortedKeys } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { Check } from './check.ts';
import { checkRetries } from './check-policy.ts';
import { checkHeaderName, checkMethods } from './check-routes.ts';
import type { ConfigOf, Cors, RateLimit, Route, Transform } from '../schema/types.ts';

type HeaderChanges = NonNullable<NonNullable<Transform['request']>['headers']>;

/** Headers that the gateway or the connection writes: changing them would make the message untrue. */
const MANAGED = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'traceparent',
  'tracestate',
  'transfer-encoding',
  'upgrade',
]);

/** A value with expressions over the given names. */
function checkValue(check: Check, value: Json, known: readonly string[], at: string): void {
  for (const name of check.expressions(value, at))
    if (!known.includes(name)) check.warn('EXPRESSION_NAME_UNKNOWN.transform', at, { name, known: known.join(', ') });
}

function checkHeaderChanges(check: Check, changes: HeaderChanges, known: readonly string[], at: string): void {
  const header = (name: string, place: string): void => {
    checkHeaderName(check, name, place);
    if (MANAGED.has(name.toLowerCase())) check.error('HEADER_MANAGED', place, { name });
  };
  changes.remove?.forEach((name, index) => header(name, `${at}/remove/${index}`));
  for (const name of sortedKeys(changes.rename ?? {})) {
    header(name, `${at}/rename/${name}`);
    header(changes.rename?.[name] ?? '', `${at}/rename/${name}`);
  }
  for (const how of ['replace', 'add', 'append'] as const) {
    const values = changes[how] ?? {};
    for (const name of sortedKeys(values)) {
      header(name, `${at}/${how}/${name}`);
      checkValue(check, values[name] ?? '', known, `${at}/${how}/${name}`);
    }
  }
}

/** Checks transformations (GW14): header names, expressions and the names that they read. */
function checkTransform(check: Check, transform: Transform | undefined, at: string): void {
  for (const side of ['request', 'response'] as const) {
    const changes = transform?.[side];
    if (changes === undefined) continue;
    const known = side === 'request' ? ['consumer', 'request'] : ['consumer', 'reply', 'request'];
    const place = `${at}/${side}`;
    checkHeaderChanges(check, changes.headers ?? {}, known, `${place}/headers`);
    if (changes.body !== undefined) checkValue(check, changes.body, known, `${place}/body`);
    if ('path' in changes && changes.path !== undefined) {
      checkValue(check, changes.path, known, `${place}/path`);
      if (!/^(\/|\$\{)/.test(changes.path)) check.error('PATH_INVALID.slash', `${place}/path`, { path: changes.path });
    }
    if ('status' in changes && typeof changes.status === 'string')
      checkValue(check, changes.status, known, `${place}/status`);
    else if (
      'status' in changes &&
      typeof changes.status === 'number' &&
      !(changes.status >= 200 && changes.status < 600)
    )
      check.error('STATUS_INVALID', `${place}/status`, { status: changes.status });
  }
}

/** Checks what is allowed to other origins: browsers refuse `*` together with credentials (Fetch). */
function checkCors(check: Check, cors: Cors | undefined, at: string): void {
  if (cors === undefined) return;
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders = [], allowCredentials } = cors;
  for (const [field, list] of [
    ['allowOrigins', allowOrigins],
    ['allowMethods', allowMethods],
    ['allowHeaders', allowHeaders],
    ['exposeHeaders', exposeHeaders],
  ] as const) {
    if (allowCredentials && list.includes('*')) check.error('CORS_CREDENTIALS_WILDCARD', `${at}/${field}`, {});
  }
  allowOrigins.forEach((origin, index) => {
    if (origin !== '*' && !/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/.test(origin))
      check.error('CORS_ORIGIN_INVALID', `${at}/allowOrigins/${index}`, { origin });
  });
  checkMethods(
    check,
    allowMethods.map((method) => (method === '*' ? 'ANY' : method)),
    `${at}/allowMethods`,
  );
}

/** Checks whose budget a rate limit counts (GW6). */
function checkLimit(check: Check, limit: RateLimit | undefined, hasAuth: boolean, at: string): void {
  if (limit === undefined) return;
  if (limit.key === 'header') {
    if (limit.header === undefined) check.error('LIMIT_HEADER_MISSING', at, {});
    else checkHeaderName(check, limit.header, `${at}/header`);
  } else if (limit.header !== undefined) check.warn('LIMIT_HEADER_UNUSED', `${at}/header`, { key: limit.key });
  if (limit.key === 'consumer' && !hasAuth) check.warn('LIMIT_CONSUMER_UNKNOWN', `${at}/key`, {});
  if (limit.kind === 'token-bucket' && limit.tokensPerFill > limit.maxTokens)
    check.warn('LIMIT_FILL_OVERFLOWS', `${at}/tokensPerFill`, {});
}

function checkRoutePolicies(check: Check, config: ConfigOf<'gateway'>, route: Route, at: string): void {
  const timeoutMs = route.timeoutMs ?? config.timeoutMs;
  checkTransform(check, route.transform, `${at}/transform`);
  checkLimit(check, route.rateLimit, config.auth !== undefined, `${at}/rateLimit`);
  if (route.retries !== undefined) checkRetries(check, route.retries, { timeoutMs }, `${at}/retries`);
  if (route.action.kind === 'forward') return;
  for (const field of ['path', 'body'] as const)
    if (route.transform?.request?.[field] !== undefined)
      check.error(`TRANSFORM_NOT_FORWARDED.${field}`, `${at}/transform/request/${field}`, {});
  route.action.parts.forEach((part, index) => {
    const place = `${at}/action/parts/${index}`;
    const use = { timeoutMs: part.timeoutMs ?? timeoutMs, method: part.method };
    if (part.retries !== undefined) checkRetries(check, part.retries, use, `${place}/retries`);
    if (part.timeoutMs !== undefined && part.timeoutMs > timeoutMs)
      check.warn('PART_TIMEOUT', `${place}/timeoutMs`, { part: part.id, own: part.timeoutMs, all: timeoutMs });
    if (part.required && part.fallback !== undefined)
      check.error('PART_FALLBACK', `${place}/fallback`, { part: part.id });
  });
}

/** Checks the policies of one gateway and of its routes: transformations, origins, limits, retries, parts. */
export function checkGatewayPolicies(check: Check, config: ConfigOf<'gateway'>, at: string): void {
  checkTransform(check, config.transform, `${at}/transform`);
  checkCors(check, config.cors, `${at}/cors`);
  checkLimit(check, config.rateLimit, config.auth !== undefined, `${at}/rateLimit`);
  const { retries, timeoutMs } = config;
  if (retries !== undefined) checkRetries(check, retries, { timeoutMs }, `${at}/retries`);
  config.routes.forEach((route, index) => checkRoutePolicies(check, config, route, `${at}/routes/${index}`));
}
