/** The 17 codes by number (grpc/grpc doc/statuscodes.md). */
const NAMES = [
  'ok',
  'cancelled',
  'unknown',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
  'unauthenticated',
] as const;
export type GrpcStatusName = (typeof NAMES)[number];

/** Number of a status by its name in lower case, such as `not_found` -> 5. */
export const grpcStatus = (name: GrpcStatusName): number => NAMES.indexOf(name);
/** Name of a status in lower case; a number that is none is `unknown`, as every client reads it. */
export const grpcStatusName = (code: number): GrpcStatusName => NAMES[code] ?? 'unknown';
/** Name as people read it: `NOT_FOUND`. */
export const grpcStatusText = (code: number): string => grpcStatusName(code).toUpperCase();
/** Number of the status that a failure code of a handler means, or null when it is no status: a handler may fail with every code but `ok`. */
export function statusOfCode(code: string): number | null {
  const at = (NAMES as readonly string[]).indexOf(code);
  return at > 0 ? at : null;
}

/** Codes after which the same call may succeed by itself; the others are decided (statuscodes.md: UNAVAILABLE and ABORTED may be retried; the library's own failures are those of a 5xx). */
const RETRIABLE: ReadonlySet<GrpcStatusName> = new Set<GrpcStatusName>([
  'unknown',
  'deadline_exceeded',
  'resource_exhausted',
  'aborted',
  'internal',
  'unavailable',
]);
export const isRetriableStatus = (code: number): boolean => RETRIABLE.has(grpcStatusName(code));

/** Statuses that make a SERVER span an error: what is the server's own fault (OTel rpc-spans). */
const SERVER_ERRORS: ReadonlySet<GrpcStatusName> = new Set<GrpcStatusName>([
  'unknown',
  'deadline_exceeded',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
]);
export const isServerError = (code: number): boolean => SERVER_ERRORS.has(grpcStatusName(code));

/** HTTP statuses of the codes, by number (google.rpc.Code, which Envoy reads them by): 499 is a caller that gave up. */
const AS_HTTP = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];
/** The HTTP status that a status amounts to. */
export const httpOfStatus = (code: number): number => AS_HTTP[code] ?? 500;

/** Status of an HTTP answer without `grpc-status`, as from a proxy that speaks no gRPC (grpc/grpc doc/http-grpc-status-mapping.md, RP1). */
export function statusOfHttp(http: number): number {
  const known: Readonly<Record<number, GrpcStatusName>> = {
    400: 'internal',
    401: 'unauthenticated',
    403: 'permission_denied',
    404: 'unimplemented',
    429: 'unavailable',
    502: 'unavailable',
    503: 'unavailable',
    504: 'unavailable',
  };
  return grpcStatus(known[http] ?? 'unknown');
}
