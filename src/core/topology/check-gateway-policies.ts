import { sortedKeys } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import type { Check } from './check.ts';
import { checkHeaderName, checkMethods } from './check-routes.ts';
import type { ConfigOf, Cors, RateLimit, Retries, Route, Transform } from './types.ts';

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
    if (!known.includes(name))
      check.warn('EXPRESSION_NAME_UNKNOWN', at, `"${name}" is not known here; known: ${known.join(', ')}`);
}

function checkHeaderChanges(check: Check, changes: HeaderChanges, known: readonly string[], at: string): void {
  const header = (name: string, place: string): void => {
    checkHeaderName(check, name, place);
    if (MANAGED.has(name.toLowerCase()))
      check.error('HEADER_MANAGED', place, `the header "${name}" belongs to the gateway or to the connection`);
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
      if (!/^(\/|\$\{)/.test(changes.path))
        check.error('PATH_INVALID', `${place}/path`, `the path "${changes.path}" does not begin with "/"`);
    }
    if ('status' in changes && typeof changes.status === 'string')
      checkValue(check, changes.status, known, `${place}/status`);
    else if (
      'status' in changes &&
      typeof changes.status === 'number' &&
      !(changes.status >= 200 && changes.status < 600)
    )
      check.error('STATUS_INVALID', `${place}/status`, `${changes.status} is no status of a reply`);
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
    if (allowCredentials && list.includes('*'))
      check.error(
        'CORS_CREDENTIALS_WILDCARD',
        `${at}/${field}`,
        'with credentials "*" allows nobody: browsers refuse the two together',
        'Name them one by one, or allow no credentials',
      );
  }
  allowOrigins.forEach((origin, index) => {
    if (origin !== '*' && !/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/.test(origin))
      check.error(
        'CORS_ORIGIN_INVALID',
        `${at}/allowOrigins/${index}`,
        `"${origin}" is no origin`,
        'Write https://shop.test',
      );
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
    if (limit.header === undefined)
      check.error('LIMIT_HEADER_MISSING', at, 'a limit by header has to name the header', 'Give the header a name');
    else checkHeaderName(check, limit.header, `${at}/header`);
  } else if (limit.header !== undefined)
    check.warn('LIMIT_HEADER_UNUSED', `${at}/header`, `a limit by ${limit.key} reads no header`);
  if (limit.key === 'consumer' && !hasAuth)
    check.warn(
      'LIMIT_CONSUMER_UNKNOWN',
      `${at}/key`,
      'nobody is known here, so the limit counts by address',
      'Let the gateway authenticate, or choose another key',
    );
  if (limit.kind === 'token-bucket' && limit.tokensPerFill > limit.maxTokens)
    check.warn('LIMIT_FILL_OVERFLOWS', `${at}/tokensPerFill`, 'more tokens come at once than the bucket holds');
}

/** Checks a retry policy against the time that there is for all tries together (GW8). ms */
function checkRetries(check: Check, retries: Retries | undefined, timeoutMs: number, at: string): void {
  const perTry = retries?.perTryTimeoutMs;
  if (perTry !== undefined && perTry >= timeoutMs)
    check.error(
      'RETRY_TIMEOUT',
      `${at}/perTryTimeoutMs`,
      `one try may take ${perTry} ms, but all of them together have ${timeoutMs} ms`,
      'Give a try less time than the whole',
    );
}

function checkRoutePolicies(check: Check, config: ConfigOf<'gateway'>, route: Route, at: string): void {
  const timeoutMs = route.timeoutMs ?? config.timeoutMs;
  checkTransform(check, route.transform, `${at}/transform`);
  checkLimit(check, route.rateLimit, config.auth !== undefined, `${at}/rateLimit`);
  checkRetries(check, route.retries, timeoutMs, `${at}/retries`);
  if (route.action.kind === 'forward') return;
  for (const field of ['path', 'body'] as const)
    if (route.transform?.request?.[field] !== undefined)
      check.error(
        'TRANSFORM_NOT_FORWARDED',
        `${at}/transform/request/${field}`,
        `the parts of an aggregate have a ${field} of their own`,
        'Change the parts instead',
      );
  route.action.parts.forEach((part, index) => {
    const place = `${at}/action/parts/${index}`;
    checkRetries(check, part.retries, part.timeoutMs ?? timeoutMs, `${place}/retries`);
    if (part.timeoutMs !== undefined && part.timeoutMs > timeoutMs)
      check.warn(
        'PART_TIMEOUT',
        `${place}/timeoutMs`,
        `the part "${part.id}" may take ${part.timeoutMs} ms, but the route ends after ${timeoutMs} ms`,
      );
    if (part.required && part.fallback !== undefined)
      check.error(
        'PART_FALLBACK',
        `${place}/fallback`,
        `the part "${part.id}" is required, so nothing ever stands in its place`,
        'Make it optional, or remove the fallback',
      );
  });
}

/** Checks the policies of one gateway and of its routes: transformations, origins, limits, retries, parts. */
export function checkGatewayPolicies(check: Check, config: ConfigOf<'gateway'>, at: string): void {
  checkTransform(check, config.transform, `${at}/transform`);
  checkCors(check, config.cors, `${at}/cors`);
  checkLimit(check, config.rateLimit, config.auth !== undefined, `${at}/rateLimit`);
  checkRetries(check, config.retries, config.timeoutMs, `${at}/retries`);
  config.routes.forEach((route, index) => checkRoutePolicies(check, config, route, `${at}/routes/${index}`));
}
