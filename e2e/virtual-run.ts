import type { RunDefinition } from '../src/core/fabric/run-api.ts';
import { compileTopology } from '../src/core/topology/compile.ts';
import type { Document } from '../src/core/topology/schema/types.ts';
import { performEffect } from '../src/hosts/tokens/perform-effect.ts';
import { VirtualRun } from '../src/hosts/virtual/run-virtual.ts';

type Given = Pick<RunDefinition, 'seed' | 'inputs'> & {
  initialData?: RunDefinition['initialData'];
  /** Virtual µs. */
  until: number;
};

/** The same document, seed, rows and inputs in virtual time: what a browser's log is compared with. */
export async function virtualRun(
  document: Document,
  { seed, inputs, initialData = null, until }: Given,
): Promise<VirtualRun> {
  const topology = compileTopology(document);
  const definition: RunDefinition = { documentId: document.id, topology, initialData, seed, inputs };
  const run = new VirtualRun(definition, { perform: performEffect });
  await run.runUntilAsync(until);
  return run;
}
