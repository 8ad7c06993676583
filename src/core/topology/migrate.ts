import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { documentProblem } from './schema/document-texts.ts';

/** The version that `schema.ts` describes. */
export const CURRENT_VERSION = 1;

/** Turns a document of version n into one of version n + 1; total on every document that version n accepted. */
export type Migration = (document: JsonObject) => JsonObject;
/** By the version that it starts from. Version 1 is the first: the chain is empty, its fixture is frozen. */
export const MIGRATIONS: Readonly<Record<number, Migration>> = {};

/** A record of records with those that `change` gives anew; the same record when it gives none. */
function withChanged(record: Json | undefined, change: (item: JsonObject) => JsonObject): JsonObject | null {
  if (!isObject(record)) return null;
  const entries = Object.entries(record).map(([id, item]): [string, Json] => [
    id,
    isObject(item) ? change(item) : item,
  ]);
  return entries.every(([id, item]) => item === record[id]) ? null : Object.fromEntries(entries);
}
const without = (item: JsonObject, field: string): JsonObject =>
  Object.fromEntries(Object.entries(item).filter(([name]) => name !== field));

/**
 * Takes out what pages accepted in version 1 until 0.2 and nothing ever read: the `size` of a node (a face is as large as what it shows) and the
 * `port` of a link's end (a line finds its sides by itself). The schema has neither any more; documents that were valid with them stay so.
 */
function withoutUnread(document: JsonObject): JsonObject {
  const nodes = withChanged(document['nodes'], (node) => (isObject(node['size']) ? without(node, 'size') : node));
  const links = withChanged(document['links'], (link) => {
    const held = (['from', 'to'] as const).filter((end) => {
      const at = link[end];
      return isObject(at) && typeof at['port'] === 'string';
    });
    const ends = held.map((end): [string, Json] => [end, without(link[end] as JsonObject, 'port')]);
    return ends.length === 0 ? link : { ...link, ...Object.fromEntries(ends) };
  });
  return { ...document, ...(nodes && { nodes }), ...(links && { links }) };
}

/**
 * Brings any JSON that claims to be a document to the current version, without what earlier pages accepted and never read.
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
  let document = version === 1 ? withoutUnread(value) : value;
  for (let from = version; from < current; from += 1) {
    const step = migrations[from];
    if (step === undefined)
      return err([documentProblem('DOCUMENT_UNKNOWN_VERSION.older', 'version', { version: from })]);
    document = { ...step(document), version: from + 1 };
  }
  return ok(document);
}
