import { retriesOf } from '../../kinds/gateway/retry-policies.ts';
import type { LoadBalancing, RateLimit, Retries, Route } from '../../topology/schema/types.ts';
import { ADMIT_PATH, changedNames, CLIENT_HEADER, headerStages, HEALTH_PATHS, nginxRate } from './nginx-plan.ts';
import type { NginxPlan, PlannedRoute } from './nginx-plan.ts';

/** Addresses of one upstream, `host:port` each. */
export type Upstreams = ReadonlyMap<string, readonly string[]>;
export interface ConfOptions {
  plan: NginxPlan;
  upstreams: Upstreams;
  /** `host:port` of the sidecar. */
  sidecar: string | null;
  /** Where nginx asks for names: the engine's own DNS. */
  resolver: string;
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
const variableOf = (header: string): string => `$http_${header.toLowerCase().replace(/[^a-z0-9]/g, '_')}`;
const ms = (value: number): string => `${Math.max(1, Math.round(value))}ms`;

/** How nginx chooses among the replicas that the engine's DNS names. */
function balancing(config: LoadBalancing | undefined): string[] {
  switch (config?.kind) {
    case 'random':
      return ['random;'];
    case 'least-request':
      return ['random two least_conn;'];
    case 'ring-hash':
    case 'maglev':
      return [`hash ${variableOf(config.header)} consistent;`];
    default:
      return [];
  }
}

function upstreamBlocks({ plan, upstreams, sidecar }: ConfOptions): string[] {
  const { loadBalancing, outlierDetection, upstreamLimits } = plan.config;
  const fails =
    outlierDetection === undefined
      ? // Otherwise one failed attempt takes a server away for 10 s.
        'max_fails=0'
      : `max_fails=${outlierDetection.consecutive5xx} fail_timeout=${Math.ceil(outlierDetection.baseEjectionMs / 1000)}s`;
  const limit = upstreamLimits === undefined ? '' : ` max_conns=${upstreamLimits.maxRequests}`;
  const blocks = [...upstreams].map(([node, addresses]) => {
    const lines = [
      ...balancing(loadBalancing),
      `zone node-${node} 64k;`,
      ...addresses.map((address) => `server ${address} resolve ${fails}${limit};`),
      'keepalive 16;',
    ];
    return `  upstream node-${node} {\n    ${lines.join('\n    ')}\n  }`;
  });
  if (sidecar === null) return blocks;
  const own = ['zone sidecar 64k;', `server ${sidecar} resolve max_fails=0;`, 'keepalive 16;'];
  return [...blocks, `  upstream sidecar {\n    ${own.join('\n    ')}\n  }`];
}

/** Budgets that nginx counts: of the whole gateway, and of single routes. */
function budgets({ config, routes, limits }: NginxPlan): { name: string; limit: RateLimit }[] {
  if (limits !== 'nginx') return [];
  const all = [
    { name: 'gateway', limit: config.rateLimit },
    ...routes.map((one) => ({ name: `route-${one.route.id}`, limit: one.route.rateLimit })),
  ];
  return all.flatMap(({ name, limit }) => (limit === undefined ? [] : [{ name, limit }]));
}

/** Whose budget: without the header or the consumer, the address. */
function budgetKey({ key, header }: RateLimit): string {
  if (key === 'ip') return '$binary_remote_addr';
  if (key === 'consumer') return '$servarium_consumer';
  return variableOf(key === 'client-kind' ? 'x-client-kind' : (header ?? ''));
}
function zones(plan: NginxPlan): string[] {
  return budgets(plan).flatMap(({ name, limit }, index) => {
    const source = budgetKey(limit);
    const zone = (key: string): string => `  limit_req_zone ${key} zone=${name}:1m rate=${nginxRate(limit) ?? ''};`;
    if (limit.key === 'ip') return [zone(source)];
    const map = `  map ${source} $servarium_budget_${index} {\n    "" $binary_remote_addr;\n    default ${source};\n  }`;
    return [map, zone(`$servarium_budget_${index}`)];
  });
}
function limitLines(plan: NginxPlan, route: Route): string[] {
  return budgets(plan).flatMap(({ name, limit }) => {
    if ((name !== 'gateway' && name !== `route-${route.id}`) || limit.kind !== 'token-bucket') return [];
    // The bucket itself holds one more than what may come beyond the rate.
    const burst = limit.maxTokens > 1 ? ` burst=${limit.maxTokens - 1} nodelay` : '';
    return [`limit_req zone=${name}${burst};`];
  });
}

const RETRIED = {
  connection: 'error',
  timeout: 'timeout',
  '5xx': 'http_500 http_502 http_503 http_504',
  '429': 'http_429',
  'no-instances': '',
} as const;

function timing(wholeMs: number, retries: Retries | undefined): string[] {
  const each = ms(Math.min(wholeMs, retries?.perTryTimeoutMs ?? wholeMs));
  const lines = [`proxy_connect_timeout ${each};`, `proxy_send_timeout ${each};`, `proxy_read_timeout ${each};`];
  const causes: string[] = (retries?.on ?? []).map((cause) => RETRIED[cause]).filter((cause) => cause !== '');
  if (retries === undefined || causes.length === 0) return [...lines, 'proxy_next_upstream off;'];
  if (retries.nonIdempotent === true) causes.push('non_idempotent');
  return [
    ...lines,
    `proxy_next_upstream ${causes.join(' ')};`,
    `proxy_next_upstream_tries ${retries.maxAttempts};`,
    `proxy_next_upstream_timeout ${ms(wholeMs)};`,
  ];
}

/** Of one transport or moment: the runtime does not pass these on either. */
const NOT_PASSED = [
  'user-agent',
  'accept-encoding',
  'te',
  'proxy-authorization',
  'proxy-connection',
  'upgrade',
  'date',
  'server',
];
const FORWARDED = [
  'Connection ""',
  'Host $proxy_host',
  'X-Request-Id $servarium_request_id',
  'X-Forwarded-For $proxy_add_x_forwarded_for',
  'X-Forwarded-Proto $servarium_forwarded_proto',
  'X-Forwarded-Host $servarium_forwarded_host',
];

/** The sidecar keeps time itself; nginx only waits a little longer. */
const SIDECAR_GRACE_MS = 1_000;

const set = (lines: readonly string[]): string[] => lines.map((line) => `proxy_set_header ${line};`);
const block = (head: string, lines: readonly string[]): string =>
  `    location ${head} {\n      ${lines.join('\n      ')}\n    }`;

function routeLocation(plan: NginxPlan, { route, sidecar }: PlannedRoute, index: number): string {
  const { config } = plan;
  const wholeMs = route.timeoutMs ?? config.timeoutMs;
  const comment = `    # ${route.id}: ${route.match} ${JSON.stringify(route.path)}\n`;
  if (sidecar !== null) {
    const client = plan.limits === 'sidecar' ? [`${CLIENT_HEADER} $remote_addr`] : [];
    return (
      comment +
      block(`@route_${index}`, [
        ...limitLines(plan, route),
        ...set([...FORWARDED, ...client]),
        ...timing(wholeMs + SIDECAR_GRACE_MS, undefined),
        'proxy_pass http://sidecar$request_uri;',
      ])
    );
  }
  const changes = changedNames(headerStages(config, route, 'request')).map((name, at) => `${name} $servarium_h${at}`);
  return (
    comment +
    block(`@route_${index}`, [
      ...limitLines(plan, route),
      ...set([...FORWARDED, ...NOT_PASSED.map((name) => `${name} ""`)]),
      ...set(['traceparent $servarium_traceparent', 'tracestate $servarium_tracestate']),
      ...set(config.auth === undefined ? [] : ['x-consumer $servarium_consumer']),
      ...set(changes),
      ...['traceparent', 'tracestate', 'baggage'].map((name) => `proxy_hide_header ${name};`),
      'js_header_filter gw.reply;',
      ...timing(wholeMs, retriesOf(config, route)),
      'proxy_pass http://$servarium_upstream$servarium_target;',
    ])
  );
}

/** Who asks and whether the budget allows it: nobody from outside reaches this. */
function admitLocation({ config, limits }: NginxPlan): string {
  const client = limits === 'sidecar' ? [`${CLIENT_HEADER} $remote_addr`] : [];
  return block(`^~ ${ADMIT_PATH}`, [
    'internal;',
    'proxy_pass_request_body off;',
    ...set(['Connection ""', 'Host $proxy_host', 'Content-Length ""', 'traceparent $servarium_traceparent']),
    ...set(['X-Request-Id $servarium_request_id', ...client]),
    ...timing(config.timeoutMs + SIDECAR_GRACE_MS, undefined),
    'proxy_pass http://sidecar;',
  ]);
}

const SIGNS: Readonly<Record<Route['match'], string>> = {
  exact: '= ',
  prefix: '',
  'prefix-first': '^~ ',
  regex: '~ ',
  template: '',
};

/** In nginx mode each route is a location, chosen by nginx itself; otherwise one location asks the route table. */
function entries({ config, routes }: NginxPlan): string[] {
  if (config.matching !== 'nginx') return [block('/', ['js_content gw.handle;'])];
  const named = new Set(routes.filter(({ route }) => route.match !== 'regex').map(({ route }) => route.path));
  const chosen = routes.map(({ route }, index) => {
    const ignoresCase = route.match === 'regex' && route.path.startsWith('(?i)');
    const head = ignoresCase ? `~* ${quoted(route.path.slice(4))}` : SIGNS[route.match] + quoted(route.path);
    return block(head, [`set $servarium_location ${index};`, 'js_content gw.handle;']);
  });
  // A proxied location that ends with a slash takes the path without it by a redirect.
  const slashes = [...named].filter((path) => path !== '/' && path.endsWith('/') && !named.has(path.slice(0, -1)));
  const redirects = slashes.map((path) => block(`= ${quoted(path.slice(0, -1))}`, ['js_content gw.redirect;']));
  const rest = routes.some(({ route }) => route.path === '/' && route.match.startsWith('prefix'))
    ? []
    : [block('/', ['set $servarium_location -1;', 'js_content gw.handle;'])];
  return [...chosen, ...redirects, ...rest];
}

/** Values that the script hands to the locations. */
function scriptVariables({ config, routes }: NginxPlan): string[] {
  const most = Math.max(0, ...routes.map(({ route }) => changedNames(headerStages(config, route, 'request')).length));
  const names = [
    'request_id',
    'route',
    'version',
    'traceparent',
    'tracestate',
    'upstream',
    'target',
    'consumer',
    'limits',
  ];
  return [...names, ...Array.from({ length: most }, (_, at) => `h${at}`)].map(
    (name) => `  js_var $servarium_${name} "";`,
  );
}

/** `nginx.conf` of one gateway: routes as locations, upstreams by the names of the engine's DNS, budgets, time-outs; what nginx cannot say goes to the sidecar. */
export function nginxConf(options: ConfOptions): string {
  const { plan, sidecar, resolver } = options;
  const errors = ['refused', 'late', 'limited'].map((name) => block(`@${name}`, [`js_content gw.${name};`]));
  const health = HEALTH_PATHS.map((path) => block(`= ${path}`, ['default_type text/plain;', 'return 200 "ok\\n";']));
  return `# Written by Servarium. Routes and conditions are in gateway.js.
load_module modules/ngx_http_js_module.so;
user nginx;
worker_processes 1;
error_log /dev/stderr warn;
pid /run/nginx.pid;
events {
  worker_connections 1024;
}
http {
  js_path /etc/nginx/servarium/;
  js_import gw from gateway.js;
${scriptVariables(plan).join('\n')}
  log_format json escape=json '{"level":"info","request":"$request","status":$status,"upstream":"$upstream_addr","requestId":"$servarium_request_id"}';
  access_log /dev/stdout json;
  resolver ${resolver} valid=2s ipv6=off;
  server_tokens off;
  client_max_body_size 1m;
  client_body_buffer_size 1m;
  subrequest_output_buffer_size 64k;
  keepalive_timeout 60s;
  map $http_x_forwarded_proto $servarium_forwarded_proto {
    "" http;
    default $http_x_forwarded_proto;
  }
  map $http_x_forwarded_host $servarium_forwarded_host {
    "" $http_host;
    default $http_x_forwarded_host;
  }
${[...zones(plan), ...upstreamBlocks(options)].join('\n')}
  server {
    listen ${plan.config.port};
    absolute_redirect off;
    proxy_http_version 1.1;
    limit_req_status 429;
    error_page 502 = @refused;
    error_page 504 = @late;
    error_page 429 = @limited;
${[...health, ...entries(plan), ...(sidecar === null ? [] : [admitLocation(plan)]), ...plan.routes.map((one, index) => routeLocation(plan, one, index)), ...errors].join('\n')}
  }
}
`;
}
