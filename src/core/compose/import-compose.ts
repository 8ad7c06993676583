import { parseDocument as parseYaml } from 'yaml';
import { isObject, type Json } from '../base/json.ts';
import { err, ok, type Problem, type Result } from '../base/result.ts';
import { readDocument } from '../topology/parse.ts';
import type { Document } from '../topology/types.ts';
import { singleDollars } from './escape.ts';

/** Longest text that is read (decision 25). */
const MAX_BYTES = 5 * 1024 * 1024;

const problem = (code: string, message: string, at = '', fix?: string): { ok: false; error: Problem[] } =>
  err([{ code, message, at, severity: 'error', ...(fix === undefined ? {} : { fix }) }]);

/**
 * The document inside a compose.yaml that Servarium exported, still to be validated as any document from outside.
 * Other compose files are refused with `IMPORT_NOT_OURS`.
 */
export function embeddedDocument(text: string): Result<Json> {
  if (text.length > MAX_BYTES)
    return problem(
      'IMPORT_TOO_LARGE',
      `Failed to read compose.yaml: too large (${text.length} characters, limit ${MAX_BYTES})`,
    );
  const yaml = parseYaml(text);
  const first = yaml.errors[0];
  if (first)
    return problem('IMPORT_NOT_YAML', `Failed to read compose.yaml: not YAML (${first.message.split('\n')[0] ?? ''})`);
  const root = yaml.toJS({ maxAliasCount: 100 }) as Json;
  const ours = isObject(root) ? root['x-servarium'] : undefined;
  if (!isObject(ours) || typeof ours['topology'] !== 'string') {
    return problem(
      'IMPORT_NOT_OURS',
      'Failed to read compose.yaml: it was not exported by Servarium (no x-servarium.topology)',
      'x-servarium',
    );
  }
  if (ours['version'] !== 1) {
    return problem(
      'IMPORT_VERSION',
      `Failed to read compose.yaml: unknown version of x-servarium (${JSON.stringify(ours['version'] ?? null)})`,
      'x-servarium/version',
    );
  }
  try {
    return ok(JSON.parse(singleDollars(ours['topology'])) as Json);
  } catch (error) {
    return problem(
      'IMPORT_NOT_JSON',
      `Failed to read compose.yaml: x-servarium.topology is not JSON (${String(error)})`,
      'x-servarium/topology',
    );
  }
}

/** The document of a compose.yaml that Servarium exported, migrated and checked for its shape: the canvas as it was. */
export function importCompose(text: string): Result<Document> {
  const embedded = embeddedDocument(text);
  return embedded.ok ? readDocument(embedded.value) : embedded;
}
