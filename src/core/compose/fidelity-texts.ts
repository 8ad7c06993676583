import images from './images.json';

/** Notes of the export report that do not come from `images.json` (English). */
const NOTES = {
  serviceTime: 'The modelled service time is not added: a container takes the time that it takes.',
  replicas: '{count} containers; which of them answers depends on the clock.',
  tokens: 'Signed with a key of this export (.env): tokens of the tab are not valid here, nor the other way round.',
  release: 'Compose replaces all containers of a service at once; each drains for the grace period.',
  grpc: 'gRPC over cleartext HTTP/2 on port {port}, described by services/{name}.proto; the same bytes. Header fields are compressed by HTTP/2, which the sizes of the tab do not count.',
  reservedPath: 'The runtime answers this path itself (health check of the container).',
  load: 'The same mix and arrivals, in the profile "load"; it is not started by a plain `docker compose up`.',
  balancing:
    "Among the replicas that a registry names, by the same code. Without a registry the engine's DNS chooses for each connection.",
  balancingWeighted:
    "Among the replicas that a registry names, by the same code. Without a registry the engine's DNS chooses for each connection. Weights of single instances (#0) have no meaning there: the engine names the replicas.",
  limits:
    'The same code, on the wall clock and per container; the address that a budget belongs to is that of the connection.',
  resolveDns: "The engine's DNS is asked for each connection; the drawn TTL is not kept.",
  resolveStatic:
    'Addresses of the drawing are written as {to}, which the engine finds wherever it runs; one that nobody has stays as it is.',
  timeColumns: 'Times come from the wall clock; verify compares that they are there, not their values.',
  network: 'Drawn latencies are not added: containers have the delay of their own network.',
  order: 'Containers run on the wall clock: traces are equal service by service, not byte by byte.',
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
} as const;
export type FidelityAspect = keyof typeof FIDELITY_ASPECTS;

/** The English sentence of a note. */
export const noteText = (note: FidelityNote): string =>
  note.startsWith('image.') ? images[note.slice('image.'.length) as ImageName].note : NOTES[note as keyof typeof NOTES];
