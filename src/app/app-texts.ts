import { problemMaker } from '../core/base/problem.ts';

/** What the application could not do (English). */
export const APP_TEXTS = {
  READ_ONLY: 'Failed to edit: another tab writes this document',
  'STORAGE_FAILED.open': 'Failed to open the document: {reason} ({id})',
  'STORAGE_FAILED.save': 'Failed to save the document: {reason}',
  'STORAGE_FAILED.list': 'Failed to reach the local documents: {reason}',
  'STORAGE_FAILED.runs': 'Failed to list the runs: {reason}',
  'DOCUMENT_NOT_FOUND.open': 'Failed to open the document: there is none with this id ({id})',
  'DOCUMENT_NOT_FOUND.find': 'Failed to find the document ({id})',
  DOCUMENT_IN_OTHER_TAB: 'Failed to delete the document: it is open in another tab ({id})',
  TEMPLATE_UNREACHABLE: 'Failed to open the template {name}: {reason}',
  RUNTIME_UNREACHABLE: 'Failed to export: the runtime of the containers cannot be read from this site ({reason})',
  'LOG_LOST.piece': 'Failed to show {seconds} s: a piece of the log is lost; it is whole from {oldest} s on ({reason})',
  'LOG_LOST.dropped':
    'Failed to show {seconds} s: the oldest events were given up for space; the log is whole from {oldest} s on',
  'INPUT_UNKNOWN.kind': 'Failed to inject: there is no input of this kind ({input})',
  'INPUT_UNKNOWN.name': 'Failed to inject {input}: the document has nothing of this name ({name})',
  RUN_STOPPED: 'Failed to inject {input}: the run is not open (status {status})',
} as const;

/** What can be done about them. */
export const APP_FIXES = {
  READ_ONLY: 'Take it over, or open a copy.',
  'STORAGE_FAILED.save': 'Editing goes on in memory: download the document to keep it.',
} as const satisfies Partial<Record<keyof typeof APP_TEXTS, string>>;

/** Makes a problem of the application. */
export const appProblem = problemMaker(APP_TEXTS, APP_FIXES);
