import type { Problem } from '../core/base/result.ts';

/** Exit codes: done · the document or file has problems · the command line is wrong or a file cannot be read or written. */
export const EXIT = { ok: 0, problems: 1, usage: 2 } as const;

/** Where a command writes: results and messages. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/** What parseArgs found for one command. */
export interface CommandInput {
  positionals: string[];
  options: Record<string, string | undefined>;
}

export interface Command {
  /** One line of `servarium --help`. */
  summary: string;
  /** `servarium NAME --help`. */
  help: string;
  /** Options that take a value; the short letter where there is one. */
  options: Record<string, { short?: string }>;
  /** Gives the exit code. */
  run(input: CommandInput, output: Output): number | Promise<number>;
}

/** A mistake in the command line or a file that cannot be used: its message is printed, exit code 2. */
export class UsageError extends Error {}

/** Prints problems one per line, `severity path: message (CODE)`; returns the number of errors. */
export function printProblems(problems: readonly Problem[], output: Output): number {
  for (const { severity, at, message, code, fix } of problems) {
    output.err(`${severity} ${at === '' ? '/' : at}: ${message} [${code}]`);
    if (fix !== undefined) output.err(`  fix: ${fix}`);
  }
  return problems.filter((one) => one.severity === 'error').length;
}
