import type { Result } from '../../core/base/result.ts';
import type { Input } from '../../core/fabric/input.ts';
import type { RunDefinition, RunState } from '../../core/fabric/run-api.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import type { RunStore } from './run-store.ts';

/** How a run is started; what is absent comes from the document. */
export interface StartOptions {
  seed?: number;
  /** Virtual seconds per wall second, or `max`. */
  speed?: number | 'max';
  /** False: boots, then waits at t = 0. Default true. */
  play?: boolean;
  /** Recorded inputs to replay. */
  inputs?: Input[];
  /** Rows that replace the document's, per database node; absent = those kept in this browser, else the document's. */
  initialData?: RunDefinition['initialData'];
}

/** Virtual seconds per wall second as the run takes them: `max` is without end. */
export const speedOf = (speed: number | 'max'): number => (speed === 'max' ? Infinity : speed);

/** The run of a document that is started so. */
export function definitionOf(
  document: Document,
  { seed, inputs = [], initialData = null }: StartOptions = {},
): RunDefinition {
  return {
    documentId: document.id,
    topology: compileTopology(document),
    initialData,
    seed: seed ?? document.seed,
    inputs,
  };
}

/** Starts a new run of a document; an open run is closed first. */
export function startRun(
  run: Pick<RunStore, 'open'>,
  document: Document,
  options: StartOptions = {},
): Promise<Result<RunState>> {
  const { speed = document.speed, play = true } = options;
  return run.open(definitionOf(document, options), { speed: speedOf(speed), play });
}
