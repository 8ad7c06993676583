import { isObject, type JsonObject } from '../base/json.ts';
import { err, ok, type Problem, type Result } from '../base/result.ts';
import { bareDocument } from './bare-document.ts';
import { documentProblem } from './schema/document-texts.ts';
import { FUTURE_FAULTS, FUTURE_KINDS, FutureFault, FutureNode } from './schema/future-schema.ts';
import { migrate } from './migrate.ts';
import { scanJson } from './scan-json.ts';
import { Document as DocumentSchema } from './schema/schema.ts';
import { shapeProblems } from './schema/shape-problems.ts';
import { sortedEntries } from './sorted.ts';
import type { Document } from './schema/types.ts';

/** Bytes of UTF-8 that an imported text may have (decision 25). */
export const IMPORT_LIMIT = 5 * 1024 * 1024;

/** Bytes that a text takes as UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

const notYet = (what: string, at: string): Problem => documentProblem('NOT_YET_SUPPORTED.document', at, { what });

interface Split {
  known: JsonObject;
  problems: Problem[];
}

/** Takes out what is recognised but not executed yet, so that the strict schema judges only the rest. */
function splitFuture(document: JsonObject): Split {
  const problems: Problem[] = [];
  const known: JsonObject = { ...document };
  const nodes = document['nodes'];
  if (isObject(nodes)) {
    const kept: JsonObject = {};
    for (const [id, node] of sortedEntries(nodes)) {
      if (!isObject(node) || !(FUTURE_KINDS as readonly unknown[]).includes(node['kind'])) {
        Object.defineProperty(kept, id, { value: node, enumerable: true, configurable: true, writable: true });
        continue;
      }
      const shape = FutureNode.safeParse(node);
      const at = `nodes/${id}`;
      if (shape.success) problems.push(notYet(`a node of kind ${JSON.stringify(node['kind'])}`, at));
      else
        problems.push(
          ...shapeProblems(shape.error.issues, node).map((found) => ({
            ...found,
            at: found.at === '' ? at : `${at}/${found.at}`,
          })),
        );
    }
    known['nodes'] = kept;
  }
  const demo = document['demo'];
  const broken = isObject(demo) ? demo['break'] : undefined;
  const fault = isObject(broken) ? broken['fault'] : undefined;
  if (isObject(demo) && isObject(fault) && (FUTURE_FAULTS as readonly unknown[]).includes(fault['kind'])) {
    const { break: _, ...rest } = demo;
    known['demo'] = rest;
    const at = 'demo/break/fault';
    const shape = FutureFault.safeParse(fault);
    if (shape.success) problems.push(notYet(`a fault of kind ${JSON.stringify(fault['kind'])}`, at));
    else
      problems.push(
        ...shapeProblems(shape.error.issues, fault).map((found) => ({ ...found, at: `${at}/${found.at}` })),
      );
  }
  return { known, problems };
}

/** Checks any JSON value against the current shape, migrating it first. Graph checks are `validateDocument`. */
export function readDocument(value: unknown): Result<Document> {
  const migrated = migrate(value);
  if (!migrated.ok) return migrated;
  const { known, problems } = splitFuture(migrated.value);
  const parsed = DocumentSchema.safeParse(known);
  if (!parsed.success) return err([...shapeProblems(parsed.error.issues, known), ...problems]);
  if (problems.length > 0) return err(problems);
  return ok(bareDocument(parsed.data));
}

/**
 * Reads the text of a document. Codes: IMPORT_TOO_LARGE (over 5 MiB), DOCUMENT_NOT_JSON (with line and column),
 * DOCUMENT_UNKNOWN_FORMAT, DOCUMENT_UNKNOWN_VERSION, DOCUMENT_INVALID (shape), NOT_YET_SUPPORTED. Never throws.
 */
export function parseDocument(text: string): Result<Document> {
  if (text.length > IMPORT_LIMIT || utf8Length(text) > IMPORT_LIMIT) {
    return err([documentProblem('IMPORT_TOO_LARGE', '', { size: (utf8Length(text) / 1024 / 1024).toFixed(1) })]);
  }
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const flaw = scanJson(source);
  if (flaw)
    return err([
      documentProblem('DOCUMENT_NOT_JSON', '', { reason: flaw.reason, line: flaw.line, column: flaw.column }),
    ]);
  return readDocument(JSON.parse(source));
}
