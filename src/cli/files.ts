import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { importCompose } from '../core/compose/import-compose.ts';
import type { Problem, Result } from '../core/base/result.ts';
import { CORE_VERSION } from '../core/fabric/encode.ts';
import { parseDocument } from '../core/topology/parse.ts';
import type { Document } from '../core/topology/schema/types.ts';
import { validateDocument } from '../core/topology/check/validate.ts';
import { type CommandInput, type Output, printProblems, UsageError } from './command.ts';

/** Text of a file; a UsageError that names it when it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`Failed to read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Writes a file with its folders; a UsageError that names it when it cannot be written. */
export function writeText(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`Failed to write ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** The only positional argument, or a UsageError. */
export function onlyFile({ positionals }: CommandInput): string {
  const [file, ...more] = positionals;
  if (file === undefined) throw new UsageError('Failed to start: which file?');
  if (more.length > 0) throw new UsageError(`Failed to start: one file at a time (${more.join(' ')})`);
  return file;
}

/** A document of a JSON file, or of a compose.yaml that Servarium exported. */
export function documentOfFile(file: string): Result<Document> {
  const text = readText(file);
  return /\.ya?ml$/.test(file) ? importCompose(text) : parseDocument(text);
}

/** Problems of a file in words that fit a command line: with the name of the file in place and sentence, and nothing about a page. */
export const problemsOf = (file: string, problems: readonly Problem[]): Problem[] =>
  problems.map((one) => ({
    ...one,
    at: `${file}#${one.at}`,
    // The sentences of an import speak of the file by its usual name.
    message: one.code.startsWith('IMPORT_') ? one.message.replace('compose.yaml', () => file) : one.message,
    ...(one.code === 'DOCUMENT_UNKNOWN_VERSION' && one.fix !== undefined
      ? { fix: `Use a newer servarium (this is ${CORE_VERSION})` }
      : {}),
  }));

/** A document that can run; problems are printed, warnings do not count. Null when it cannot. */
export function soundDocument(file: string, output: Output): Document | null {
  const read = documentOfFile(file);
  const problems = read.ok ? validateDocument(read.value) : read.error;
  const errors = printProblems(problemsOf(file, problems), output);
  return read.ok && errors === 0 ? read.value : null;
}
