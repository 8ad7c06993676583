import { parseDocument as parseYaml } from 'yaml';
import { isObject, type Json } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { readDocument } from '../topology/parse.ts';
import type { Document } from '../topology/schema/types.ts';
import { composeProblem } from './compose-texts.ts';
import { singleDollars } from './escape.ts';

/** Longest text that is read (decision 25). */
const MAX_BYTES = 5 * 1024 * 1024;

/**
 * The document inside a compose.yaml that Servarium exported, still to be validated as any document from outside.
 * Other compose files are refused with `IMPORT_NOT_OURS`.
 */
export function embeddedDocument(text: string): Result<Json> {
  if (text.length > MAX_BYTES)
    return err([composeProblem('IMPORT_TOO_LARGE.compose', '', { size: text.length, limit: MAX_BYTES })]);
  const yaml = parseYaml(text);
  const first = yaml.errors[0];
  if (first) return err([composeProblem('IMPORT_NOT_YAML', '', { reason: first.message.split('\n')[0] ?? '' })]);
  const root = yaml.toJS({ maxAliasCount: 100 }) as Json;
  const ours = isObject(root) ? root['x-servarium'] : undefined;
  if (!isObject(ours) || typeof ours['topology'] !== 'string') {
    return err([composeProblem('IMPORT_NOT_OURS', 'x-servarium', {})]);
  }
  if (ours['version'] !== 1) {
    const version = JSON.stringify(ours['version'] ?? null);
    return err([composeProblem('IMPORT_VERSION', 'x-servarium/version', { version })]);
  }
  try {
    return ok(JSON.parse(singleDollars(ours['topology'])) as Json);
  } catch (error) {
    return err([composeProblem('IMPORT_NOT_JSON', 'x-servarium/topology', { reason: String(error) })]);
  }
}

/** The document of a compose.yaml that Servarium exported, migrated and checked for its shape: the canvas as it was. */
export function importCompose(text: string): Result<Document> {
  const embedded = embeddedDocument(text);
  return embedded.ok ? readDocument(embedded.value) : embedded;
}
