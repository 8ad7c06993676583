import { problemMaker } from '../../base/problem.ts';

/** What is said about a text or a value that should become a document (English). `{place}` is a JSON path. */
export const DOCUMENT_TEXTS = {
  IMPORT_TOO_LARGE: 'Failed to open the document: it is larger than 5 MiB ({size} MiB)',
  DOCUMENT_NOT_JSON: 'Failed to open the document: {reason} (line {line}, column {column})',
  'NOT_YET_SUPPORTED.document': 'Failed to open the document: {what} can be described but not run yet',
  'DOCUMENT_UNKNOWN_FORMAT.object': 'Failed to open the document: it is not a Servarium document (it is not an object)',
  'DOCUMENT_UNKNOWN_FORMAT.none': 'Failed to open the document: it is not a Servarium document (there is no "format")',
  'DOCUMENT_UNKNOWN_FORMAT.other': 'Failed to open the document: it is not a Servarium document ("format" is {format})',
  'DOCUMENT_UNKNOWN_VERSION.number':
    'Failed to open the document: "version" must be a whole number from 1 to {current} ({version})',
  'DOCUMENT_UNKNOWN_VERSION.newer':
    'Failed to open the document: it was made by a newer Servarium (version {version}, this one reads up to {current})',
  'DOCUMENT_UNKNOWN_VERSION.older': 'Failed to open the document: version {version} can no longer be read',

  'DOCUMENT_INVALID.field': 'Failed to read the document: {place} has no field "{field}"',
  'DOCUMENT_INVALID.missing': 'Failed to read the document: {place} is missing',
  'DOCUMENT_INVALID.string': 'Failed to read the document: {place} must be a text (found {found})',
  'DOCUMENT_INVALID.number': 'Failed to read the document: {place} must be a number (found {found})',
  'DOCUMENT_INVALID.int': 'Failed to read the document: {place} must be a whole number (found {found})',
  'DOCUMENT_INVALID.boolean': 'Failed to read the document: {place} must be true or false (found {found})',
  'DOCUMENT_INVALID.array': 'Failed to read the document: {place} must be a list (found {found})',
  'DOCUMENT_INVALID.object': 'Failed to read the document: {place} must be an object (found {found})',
  'DOCUMENT_INVALID.atMost': 'Failed to read the document: {place} must be at most {limit} (found {found})',
  'DOCUMENT_INVALID.atLeast': 'Failed to read the document: {place} must be at least {limit} (found {found})',
  'DOCUMENT_INVALID.moreThan': 'Failed to read the document: {place} must be more than {limit} (found {found})',
  'DOCUMENT_INVALID.lessThan': 'Failed to read the document: {place} must be less than {limit} (found {found})',
  'DOCUMENT_INVALID.shorter':
    'Failed to read the document: {place} may have at most {limit} characters (found {found})',
  'DOCUMENT_INVALID.longer': 'Failed to read the document: {place} needs at least {limit} characters (found {found})',
  'DOCUMENT_INVALID.fewer': 'Failed to read the document: {place} may have at most {limit} elements (found {found})',
  'DOCUMENT_INVALID.more': 'Failed to read the document: {place} needs at least {limit} elements (found {found})',
  'DOCUMENT_INVALID.slash': 'Failed to read the document: {place} must start with "/" (found {found})',
  'DOCUMENT_INVALID.name':
    'Failed to read the document: {place} may hold only lower-case letters, digits and "-" (at most 40, not starting with "-"; found {found})',
  'DOCUMENT_INVALID.values': 'Failed to read the document: {place} must be one of {allowed} (found {found})',
  'DOCUMENT_INVALID.union': 'Failed to read the document: {place} has a shape that is not known (found {found})',
  'DOCUMENT_INVALID.key':
    'Failed to read the document: {place} has a key that is not allowed here: an id holds only lower-case letters, digits and "-"',
  'DOCUMENT_INVALID.other': 'Failed to read the document: {place}: {reason} (found {found})',
} as const;

/** What can be done about them. */
export const DOCUMENT_FIXES = {
  'DOCUMENT_UNKNOWN_FORMAT.object': 'Choose a file that was saved or exported by Servarium',
  'DOCUMENT_UNKNOWN_FORMAT.none': 'Choose a file that was saved or exported by Servarium',
  'DOCUMENT_UNKNOWN_FORMAT.other': 'Choose a file that was saved or exported by Servarium',
  'DOCUMENT_UNKNOWN_VERSION.newer': 'Reload the page to get the newest Servarium',
} as const satisfies Partial<Record<keyof typeof DOCUMENT_TEXTS, string>>;

/** Makes a problem of a document that cannot be read. */
export const documentProblem = problemMaker(DOCUMENT_TEXTS, DOCUMENT_FIXES);
