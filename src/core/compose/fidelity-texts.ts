import images from './images.json';

/** Notes of the export report that do not come from `images.json` (English). */
const NOTES = {
  serviceTime: 'The modelled service time is not added: a container takes the time that it takes.',
  replicas: '{count} containers; which of them answers depends on the clock.',
  tokens: 'Signed with a key of this export (.env): tokens of the tab are not valid here, nor the other way round.',
  release: 'Compose replaces all containers of a service at once; each drains for the grace period.',
  grpc: 'gRPC over cleartext HTTP/2 on port {port}, described by services/{name}.proto; the same bytes. Header fields are compressed by HTTP/2, which the sizes of the tab do not count.',
  grpcGateway: 'gRPC over cleartext HTTP/2 on port {port} beside HTTP; messages go on byte for byte, by the same code.',
  reservedPath: 'The runtime answers this path itself (health check of the container).',
  load: 'The same mix and arrivals, in the profile "load"; it is not started by a plain `docker compose up`.',
  balancing:
    "Among the replicas that a registry names, by the same code. Without a registry the engine's DNS chooses for each connection.",
  balancingWeighted:
    "Among the replicas that a registry names, by the same code. Without a registry the engine's DNS chooses for each connection. Weights of single instances (#0) have no meaning there: the engine names the replicas.",
  limits:
    'The same code, on the wall clock and per container; the address that a budget belongs to is that of the connection.',
  healthChecks: 'The same checks by the same code, on the wall clock; per container.',
  blocking: 'Callers keep their lists by real blocking queries; the index is that of the server.',
  resolveDns: "The engine's DNS is asked for each connection; the drawn TTL is not kept.",
  resolveStatic:
    'Addresses of the drawing are written as {to}, which the engine finds wherever it runs; one that nobody has stays as it is.',
  timeColumns: 'Times come from the wall clock; verify compares that they are there, not their values.',
  network: 'Drawn latencies are not added: containers have the delay of their own network.',
  order: 'Containers run on the wall clock: traces are equal service by service, not byte by byte.',
  nginxListening: 'The same port and the same number of containers.',
  nginxGrpc: 'nginx stands in the place of the gateway for HTTP alone: such an export is refused.',
  nginxMatching:
    'The same order of routes and the same conditions, by a table that njs reads. A path that nginx cannot read is answered with 400 before.',
  nginxLocations: 'Each route is a location of nginx itself, which chooses.',
  nginxForwarding:
    'proxy_pass to the names of the containers; the same headers go on, and the same part of the path is taken off.',
  nginxSplit: 'The same hash of the span decides, so the same request goes the same way.',
  nginxSidecar: 'Served by the sidecar, which runs the code of the tab: {routes}.',
  nginxTimeouts: 'nginx measures the time between two reads of a reply, not the whole request.',
  nginxAuth: 'The sidecar checks the token or the key by the code of the tab before nginx forwards: one more hop.',
  nginxLimits:
    'limit_req of each container: it leaks evenly where a bucket is filled in steps. Answers carry Retry-After, but no RateLimit-* headers.',
  nginxLimitsSidecar:
    'Counted by the sidecar, by the code of the tab. Callers without the consumer, kind or header that a budget is by share one.',
  nginxRoundRobin: "Round robin among the replicas that the engine's DNS names.",
  nginxBalancing: "{way} of nginx among the replicas that the engine's DNS names; it chooses others than the tab.",
  nginxWeights: 'The DNS does not tell replicas apart, so they have no weights: round robin instead.',
  nginxOutliers:
    'max_fails and fail_timeout: attempts without an answer count, statuses only where retries name them. Times do not grow, no share of the hosts is spared, there is no panic mode.',
  nginxHealthChecks:
    'nginx without its commercial part checks nobody by itself: an instance is found out by failed requests alone, if outlier detection is set.',
  nginxUpstreamLimits:
    'max_conns for each replica. Nothing waits and retries are not limited; what is too much is answered as a refused connection.',
  nginxRetries:
    'proxy_next_upstream: the next replica at once, without pause, budget or throttle. A single replica is not asked again.',
  nginxCors: 'Preflights are answered and headers are set in njs, by the same rules.',
  nginxTransform: 'Fixed values of headers are set in njs, in the same order.',
  nginxVersions: 'Read in njs by the same rules; Deprecation and Sunset as drawn.',
  nginxRequestId: 'Kept, or made in njs by the same hash.',
  nginxDiscovery: "No registry is asked: the engine's DNS names all running replicas, also those that are not ready.",
  nginxTracing:
    'Requests go on with the spans that the tab has. nginx itself tells no spans and no events: verify compares the services behind it.',
  nginxErrors:
    'The same statuses and bodies; nginx does not tell a refused connection from a missing instance, says less, and takes one that has vanished for a slow one (504).',
} as const;

export type ImageName = keyof typeof images;
/** Every note: a new one needs its words in `ui/text/uk/fidelity.ts`. */
export type FidelityNote = keyof typeof NOTES | `image.${ImageName}`;

/** What a row is about (English); other aspects are names that every language shares (an engine, a path). */
export const FIDELITY_ASPECTS = {
  behaviour: 'behaviour',
  serviceTime: 'service time',
  replicas: 'replicas',
  tokens: 'tokens',
  release: 'release',
  grpc: 'gRPC',
  routes: 'routes, aggregation, policies, timeouts',
  balancing: 'balancing',
  limits: 'rate limits',
  address: 'address of {to}',
  load: 'load',
  timeColumns: 'time columns',
  network: 'network',
  order: 'order of independent events',
  listening: 'port and replicas',
  matching: 'matching of routes',
  forwarding: 'forwarding',
  split: 'shares of the traffic',
  aggregation: 'aggregation',
  timeouts: 'time-outs',
  authentication: 'authentication',
  outliers: 'outlier detection',
  healthChecks: 'active health checks',
  upstreamLimits: 'limits of each upstream',
  retries: 'retries',
  cors: 'CORS',
  transform: 'transformations',
  transformComputed: 'computed transformations',
  versions: 'versions',
  requestId: 'request id',
  discovery: 'discovery',
  tracing: 'traces and events',
  errors: 'errors of the gateway',
} as const;
export type FidelityAspect = keyof typeof FIDELITY_ASPECTS;

/** The English sentence of a note. */
export const noteText = (note: FidelityNote): string =>
  note.startsWith('image.') ? images[note.slice('image.'.length) as ImageName].note : NOTES[note as keyof typeof NOTES];
