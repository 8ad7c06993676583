import { isObject, type JsonObject } from '../base/json.ts';
import type { Problem } from '../base/result.ts';
import { err, ok, type Result } from '../base/result.ts';

/** The version that `schema.ts` describes. */
export const CURRENT_VERSION = 1;

/** Turns a document of version n into one of version n + 1; total on every document that version n accepted. */
export type Migration = (document: JsonObject) => JsonObject;
/** By the version that it starts from. Version 1 is the first: the chain is empty, its fixture is frozen. */
export const MIGRATIONS: Readonly<Record<number, Migration>> = {};

const problem = (code: string, message: string, at: string, fix?: string): Problem => ({
  code,
  message,
  at,
  severity: 'error',
  ...(fix === undefined ? {} : { fix }),
});

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
    const found = isObject(value)
      ? value['format'] === undefined
        ? 'there is no "format"'
        : `"format" is ${JSON.stringify(value['format'])}`
      : 'it is not an object';
    return err([
      problem(
        'DOCUMENT_UNKNOWN_FORMAT',
        `Failed to open the document: it is not a Servarium document (${found})`,
        'format',
        'Choose a file that was saved or exported by Servarium',
      ),
    ]);
  }
  const version = value['version'];
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    return err([
      problem(
        'DOCUMENT_UNKNOWN_VERSION',
        `Failed to open the document: "version" must be a whole number from 1 to ${current} (${JSON.stringify(version ?? null)})`,
        'version',
      ),
    ]);
  }
  if (version > current) {
    return err([
      problem(
        'DOCUMENT_UNKNOWN_VERSION',
        `Failed to open the document: it was made by a newer Servarium (version ${version}, this one reads up to ${current})`,
        'version',
        'Reload the page to get the newest Servarium',
      ),
    ]);
  }
  let document = value;
  for (let from = version; from < current; from += 1) {
    const step = migrations[from];
    if (step === undefined)
      return err([
        problem(
          'DOCUMENT_UNKNOWN_VERSION',
          `Failed to open the document: version ${from} can no longer be read`,
          'version',
        ),
      ]);
    document = { ...step(document), version: from + 1 };
  }
  return ok(document);
}
