import { problemMaker } from '../base/problem.ts';

/** What stops an export or an import of compose.yaml (English). */
export const COMPOSE_TEXTS = {
  EXPORT_ENGINE_UNSUPPORTED: 'Failed to export {node}: no container for this engine yet ({engine}; use {known})',
  EXPORT_NGINX_GRPC: 'Failed to export {node}: nginx stands in its place for HTTP alone, and it takes gRPC',
  EXPORT_NUL_CHARACTER: 'Failed to export {node}: PostgreSQL cannot store the character U+0000 (initial rows)',
  EXPORT_RUNTIME_MISSING: 'Failed to export {name}: the runtime was not built ({file})',
  'IMPORT_TOO_LARGE.compose': 'Failed to read compose.yaml: too large ({size} characters, limit {limit})',
  IMPORT_NOT_YAML: 'Failed to read compose.yaml: not YAML ({reason})',
  IMPORT_NOT_OURS: 'Failed to read compose.yaml: it was not exported by Servarium (no x-servarium.topology)',
  IMPORT_VERSION: 'Failed to read compose.yaml: unknown version of x-servarium ({version})',
  IMPORT_NOT_JSON: 'Failed to read compose.yaml: x-servarium.topology is not JSON ({reason})',
} as const;

/** What can be done about them. */
export const COMPOSE_FIXES = {
  EXPORT_NGINX_GRPC: 'Let the gateway of the drawing go along instead of nginx.',
  EXPORT_RUNTIME_MISSING: 'Run `npm run build`.',
} as const satisfies Partial<Record<keyof typeof COMPOSE_TEXTS, string>>;

/** Makes a problem of an export or import. */
export const composeProblem = problemMaker(COMPOSE_TEXTS, COMPOSE_FIXES);
