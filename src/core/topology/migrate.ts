import { isObject, type JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { documentProblem } from './schema/document-texts.ts';

/** The version that `schema.ts` describes. */
export const CURRENT_VERSION = 1;

/** Turns a document of version n into one of version n + 1; total on every document that version n accepted. */
export type Migration = (document: JsonObject) => JsonObject;
/** By the version that it starts from. Version 1 is the first: the chain is empty, its fixture is frozen. */
export const MIGRATIONS: Readonly<Record<number, Migration>> = {};

/**
 * Brings any JSON that claims to be a document to the current version.
 * DOCUMENT_UNKNOWN_FORMAT: not ours. DOCUMENT_UNKNOWN_VERSION: newer than this program, or no version at all.
 */
export function migrate(
  value: unknown,
  migrations: Readonly<Record<number, Migration>> = MIGRATIONS,
  current = CURRENT_VERSION,
): Result<JsonObject> {
  if (!isObject(value) || value['format'] !== 'servarium') {
    if (!isObject(value)) return err([documentProblem('DOCUMENT_UNKNOWN_FORMAT.object', 'format', {})]);
    const { format } = value;
    if (format === undefined) return err([documentProblem('DOCUMENT_UNKNOWN_FORMAT.none', 'format', {})]);
    return err([documentProblem('DOCUMENT_UNKNOWN_FORMAT.other', 'format', { format: JSON.stringify(format) })]);
  }
  const version = value['version'];
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    const found = JSON.stringify(version ?? null);
    return err([documentProblem('DOCUMENT_UNKNOWN_VERSION.number', 'version', { current, version: found })]);
  }
  if (version > current) {
    return err([documentProblem('DOCUMENT_UNKNOWN_VERSION.newer', 'version', { current, version })]);
  }
  let document = value;
  for (let from = version; from < current; from += 1) {
    const step = migrations[from];
    if (step === undefined)
      return err([documentProblem('DOCUMENT_UNKNOWN_VERSION.older', 'version', { version: from })]);
    document = { ...step(document), version: from + 1 };
  }
  return ok(document);
}
