import { sortedKeys } from '../../base/canonical.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { prefixSegments } from '../../kinds/gateway/routing/path-match.ts';
import { problemReply, statusOfFailure } from '../../kinds/gateway/problem.ts';
import { lifetimeHeaders } from '../../kinds/gateway/routing/versions.ts';
import type { ConfigOf, RateLimit, Route } from '../../topology/schema/types.ts';
import { printableJson } from '../escape.ts';
import { changedNames, headerStages, type NginxPlan, type PlannedRoute } from './nginx-plan.ts';
import { NJS_HANDLERS } from './njs-handlers.ts';
import { NJS_TEXT } from './njs-text.ts';

type Gateway = ConfigOf<'gateway'>;

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** Decoded segments of a place; null stands for any segment that is not empty. */
function segmentsOf({ match, path }: Route): Json[] {
  if (match === 'prefix') return prefixSegments(path);
  return path
    .split('/')
    .slice(1)
    .map((segment) => (match === 'template' && /^\{.+\}$/.test(segment) ? null : decoded(segment)));
}

/** What the script leaves out of a target: segments of a path, in nginx mode characters; null for nothing. */
function stripOf(route: Route, isNginx: boolean): number | null {
  if (route.action.kind !== 'forward' || !route.action.stripPrefix) return null;
  if (isNginx) return route.path.length;
  // Of an exact path or a template nothing is left.
  return route.match === 'prefix' ? prefixSegments(route.path).length : Number.MAX_SAFE_INTEGER - 1;
}

function testsOf(matches: Route['headers']): JsonObject {
  const tests = sortedKeys(matches ?? {}).map((name): [string, Json] => {
    const match = matches?.[name];
    if (match === undefined || 'present' in match) return [name, {}];
    if ('equals' in match) return [name, { equals: match.equals }];
    const ignoresCase = match.matches.startsWith('(?i)');
    return [name, { matches: ignoresCase ? match.matches.slice(4) : match.matches, flags: ignoresCase ? 'i' : '' }];
  });
  return Object.fromEntries(tests);
}

function stagesOf(config: Gateway, route: Route, side: 'request' | 'response'): Json {
  const pairs = (record: Record<string, string> | undefined): Json =>
    sortedKeys(record ?? {}).map((name) => [name, record?.[name] ?? '']);
  return headerStages(config, route, side).map(({ remove = [], rename, replace, add, append }) => ({
    remove,
    rename: pairs(rename),
    replace: pairs(replace),
    add: pairs(add),
    append: pairs(append),
  }));
}

/** Most requests at once and seconds until the next one, of the tightest and the slowest budget of a route. */
function limitWords(config: Gateway, route: Route): JsonObject {
  const limits = [config.rateLimit, route.rateLimit].filter(
    (limit): limit is Extract<RateLimit, { kind: 'token-bucket' }> => limit?.kind === 'token-bucket',
  );
  if (limits.length === 0) return {};
  return {
    limit: Math.min(...limits.map(({ maxTokens }) => maxTokens)),
    retryAfter: Math.max(
      ...limits.map(({ fillIntervalMs, tokensPerFill }) => Math.ceil(fillIntervalMs / tokensPerFill / 1000)),
    ),
  };
}

function routeOf(plan: NginxPlan, { route, sidecar, admit }: PlannedRoute): JsonObject {
  const { config } = plan;
  const isNginx = config.matching === 'nginx';
  const { action } = route;
  const changes = changedNames(headerStages(config, route, 'request'));
  return {
    id: route.id,
    ...(isNginx ? {} : { match: route.match, segments: segmentsOf(route) }),
    methods: route.methods ?? [],
    headers: testsOf(route.headers),
    query: testsOf(route.query),
    ...(route.clientKinds === undefined ? {} : { kinds: route.clientKinds }),
    ...(route.version === undefined ? {} : { version: route.version }),
    sidecar: sidecar !== null,
    admit,
    strip: stripOf(route, isNginx),
    ...(plan.limits === 'nginx' ? limitWords(config, route) : {}),
    ...(sidecar !== null || action.kind !== 'forward'
      ? {}
      : {
          to: action.to,
          split: (action.split ?? []).map(({ to, weight }) => ({ to, weight })),
          changes,
          request: stagesOf(config, route, 'request'),
          response: stagesOf(config, route, 'response'),
        }),
  };
}

function corsOf({ cors }: Gateway): Json {
  if (cors === undefined) return null;
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders = [], allowCredentials, maxAgeSeconds } = cors;
  return { allowOrigins, allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAgeSeconds };
}

function versioningOf({ versioning }: Gateway): Json {
  if (versioning === undefined) return null;
  const { by, header = 'api-version', default: usual, unknown, versions } = versioning;
  const lives = versions.map(({ name }): [string, Json] => [name, lifetimeHeaders(versioning, name)]);
  return { by, header, default: usual, unknown, versions: Object.fromEntries(lives) };
}

/** Names of the statuses that the script says itself. */
function titles(): JsonObject {
  const known = [400, 403, 404, 405, 406, 429, 502, 503, 504].map((status): [string, Json] => {
    const { body } = problemReply({ status, code: '', detail: '' }, '');
    return [String(status), (JSON.parse(body ?? '{}') as { title: string }).title];
  });
  return Object.fromEntries(known);
}

/** `gateway.js`: the route table of one gateway, and the program that reads it. */
export function gatewayScript(node: string, seed: number, plan: NginxPlan): string {
  const { config } = plan;
  const table: JsonObject = {
    node,
    seed,
    matching: config.matching ?? 'gateway-api',
    requestId: config.requestId ?? 'keep',
    failure: statusOfFailure(config.matching ?? 'gateway-api', 'connection_refused'),
    limitHeaders: ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
    titles: titles(),
    cors: corsOf(config),
    versioning: versioningOf(config),
    routes: plan.routes.map((one) => routeOf(plan, one)),
  };
  return `// Written by Servarium: the routes of this gateway, tried in this order.\nconst gateway = ${printableJson(table)};\n${NJS_TEXT}${NJS_HANDLERS}`;
}
