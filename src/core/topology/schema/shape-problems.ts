import type { z } from 'zod';
import type { Problem } from '../../base/result.ts';
import { documentProblem } from './document-texts.ts';

type Issue = z.core.$ZodIssue;
const JsonPath = (path: readonly PropertyKey[]): string => path.map(String).join('/');

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
function found(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Kinds of value by the names that zod gives them. */
const TYPES: Readonly<Record<string, 'string' | 'number' | 'int' | 'boolean' | 'array' | 'object'>> = {
  string: 'string',
  number: 'number',
  int: 'int',
  boolean: 'boolean',
  array: 'array',
  object: 'object',
  record: 'object',
};

function problemOf(issue: Issue, root: unknown): Problem {
  const at = JsonPath(issue.path);
  const value = valueAt(root, issue.path);
  // The whole document has no path: it is "it" in English, and its own word in other languages.
  const place = at === '' ? 'it' : at;
  if (value === undefined && issue.code !== 'invalid_key')
    return documentProblem('DOCUMENT_INVALID.missing', at, { place });
  const base = { place, found: found(value) };
  switch (issue.code) {
    case 'invalid_type': {
      const type = TYPES[issue.expected];
      if (type === undefined) break;
      return documentProblem(`DOCUMENT_INVALID.${type}`, at, base);
    }
    case 'too_big':
    case 'too_small':
      return sizeProblem(issue, at, base);
    case 'invalid_format':
      return documentProblem(
        issue.format === 'starts_with' ? 'DOCUMENT_INVALID.slash' : 'DOCUMENT_INVALID.name',
        at,
        base,
      );
    case 'invalid_value':
      return documentProblem('DOCUMENT_INVALID.values', at, {
        ...base,
        allowed: issue.values.map((allowed) => JSON.stringify(allowed)).join(', '),
      });
    case 'invalid_union':
      return documentProblem('DOCUMENT_INVALID.union', at, base);
    case 'invalid_key':
      return documentProblem('DOCUMENT_INVALID.key', at, { place });
    default:
  }
  return documentProblem('DOCUMENT_INVALID.other', at, { ...base, reason: issue.message });
}

/** A number, a text or a list beyond a bound. */
function sizeProblem(
  issue: Extract<Issue, { code: 'too_big' | 'too_small' }>,
  at: string,
  base: { place: string; found: string },
): Problem {
  const isBig = issue.code === 'too_big';
  const values = { ...base, limit: Number(isBig ? issue.maximum : issue.minimum) };
  if (issue.origin === 'string')
    return documentProblem(isBig ? 'DOCUMENT_INVALID.shorter' : 'DOCUMENT_INVALID.longer', at, values);
  if (issue.origin === 'array')
    return documentProblem(isBig ? 'DOCUMENT_INVALID.fewer' : 'DOCUMENT_INVALID.more', at, values);
  if (issue.inclusive === false)
    return documentProblem(isBig ? 'DOCUMENT_INVALID.lessThan' : 'DOCUMENT_INVALID.moreThan', at, values);
  return documentProblem(isBig ? 'DOCUMENT_INVALID.atMost' : 'DOCUMENT_INVALID.atLeast', at, values);
}

/** Zod's issues as problems of a document, in words, with the path that they are about. */
export function shapeProblems(issues: readonly Issue[], root: unknown): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [problemOf(issue, root)];
    const at = JsonPath(issue.path);
    return issue.keys.map((field) =>
      documentProblem('DOCUMENT_INVALID.field', at === '' ? field : `${at}/${field}`, {
        place: at === '' ? 'it' : at,
        field,
      }),
    );
  });
}
