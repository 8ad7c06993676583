import { closeSync, openSync, writeSync } from 'node:fs';
import { compileTopology } from '../core/topology/compile.ts';
import { performEffect } from '../hosts/tokens/perform-effect.ts';
import { VirtualRun } from '../hosts/virtual/run-virtual.ts';
import { type Command, EXIT, UsageError } from './command.ts';
import { onlyFile, soundDocument } from './files.ts';
import { createNativeHash } from './native-hash.ts';

const UNITS: Record<string, number> = { ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000 };
const DEFAULT_UNTIL = '60s';
/** Bytes of log that are collected before they are written. */
const CHUNK = 1 << 20;

/** Microseconds of `90s`, `500ms`, `2m`, `1h`; a number without unit is seconds. */
export function durationUs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!match?.[1]) throw new UsageError(`Failed to read --until: not a duration such as 60s, 500ms, 2m (${text})`);
  return Math.round(Number(match[1]) * (UNITS[match[2] ?? 's'] ?? 1));
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 4_294_967_295)
    throw new UsageError(`Failed to read --seed: not a whole number from 0 to 4294967295 (${text})`);
  return seed;
}

/** Writes the log in large pieces; `close` writes the rest. */
function logWriter(file: string): { line(text: string): void; close(): void } {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'w');
  } catch (error) {
    throw new UsageError(`Failed to write ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  let waiting = '';
  const flush = (): void => {
    writeSync(descriptor, waiting);
    waiting = '';
  };
  return {
    line(text) {
      waiting += `${text}\n`;
      if (waiting.length > CHUNK) flush();
    },
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

export const simulate: Command = {
  summary: 'simulate FILE [--seed N] [--until 60s] [--log OUT.ndjson]',
  help: `servarium simulate FILE [--seed N] [--until DURATION] [--log OUT.ndjson]

Runs the document in virtual time, as fast as possible: the same actors and the same event log as in the tab.
  --seed N          seed instead of the document's own (0 to 4294967295)
  --until DURATION  virtual time to run: 60s (default), 500ms, 2m, 1h
  --log FILE        writes the event log as NDJSON, header first
Prints events and the sha256 of the log: the same document, seed and duration give the same bytes everywhere.`,
  options: { seed: {}, until: {}, log: {} },
  async run(input, output) {
    const untilUs = durationUs(input.options['until'] ?? DEFAULT_UNTIL);
    const { seed: given, log } = input.options;
    const document = soundDocument(onlyFile(input), output);
    if (!document) return EXIT.problems;
    const seed = given === undefined ? document.seed : seedOf(given);
    const definition = {
      documentId: document.id,
      topology: compileTopology(document),
      initialData: null,
      seed,
      inputs: [],
    };
    const writer = log === undefined ? null : logWriter(log);
    const run = new VirtualRun(definition, {
      keep: false,
      onEvent: (_event, line) => writer?.line(line),
      perform: performEffect,
      hash: createNativeHash,
    });
    writer?.line(run.fabric.header());
    await run.runUntilAsync(untilUs);
    writer?.close();
    output.out(`events ${run.count}`);
    output.out(`sha256 ${run.sha256()}`);
    return EXIT.ok;
  },
};
