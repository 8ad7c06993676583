import type { z } from 'zod';
import type { Problem } from '../base/result.ts';

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
  if (value === undefined) return 'it is missing';
  const text = JSON.stringify(value) ?? typeof value;
  return `found ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected === 'int' ? 'whole number' : issue.expected === 'record' ? 'object' : issue.expected)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `must have at least ${issue.minimum} ${issue.origin === 'array' ? 'elements' : 'characters'}`
        : `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'invalid_format':
      return issue.format === 'starts_with'
        ? 'must start with "/"'
        : 'may hold only lower-case letters, digits and "-" (at most 40, not starting with "-")';
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_union':
      return 'has a shape that is not known';
    case 'invalid_key':
      return 'has a key that is not allowed here: an id holds only lower-case letters, digits and "-"';
    default:
      return issue.message;
  }
}
const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

/** Zod's issues as problems of a document, in words, with the path that they are about. */
export function shapeProblems(issues: readonly Issue[], root: unknown): Problem[] {
  const problems: Problem[] = [];
  for (const issue of issues) {
    const at = JsonPath(issue.path);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        problems.push({
          code: 'DOCUMENT_INVALID',
          message: `Failed to read the document: ${at === '' ? 'it' : at} has no field "${key}"`,
          at: at === '' ? key : `${at}/${key}`,
          severity: 'error',
        });
      }
      continue;
    }
    problems.push({
      code: 'DOCUMENT_INVALID',
      message: `Failed to read the document: ${at === '' ? 'it' : at} ${expected(issue)} (${found(valueAt(root, issue.path))})`,
      at,
      severity: 'error',
    });
  }
  return problems;
}
