import { encodeEvent } from '../../../core/fabric/encode.ts';
import { VirtualRun } from '../run-virtual.ts';
import { brokenInvariantsOf } from './calls-invariants.suite.ts';
import { definitionOf, playCalls, type CallsRun } from './calls-run.suite.ts';

export interface Found {
  seed: number;
  problems: string[];
}
export interface Search {
  runs: number;
  events: number;
  found: Found[];
  /** Kinds of trouble, fates and events that came up at least once. */
  seen: Set<string>;
}
/** Every so manieth seed is played again from its record, with other windows. */
const AGAIN = 100;
/** More failing seeds help nobody. */
const ENOUGH = 5;

/** Plays the seeds `first`, `first + step`, ... below `first + count`. */
export function searchCalls(first: number, count: number, step = 1): Search {
  const search: Search = { runs: 0, events: 0, found: [], seen: new Set() };
  for (let seed = first; seed < first + count && search.found.length < ENOUGH; seed += step) {
    const problems = problemsOf(seed, search);
    if (problems.length > 0) search.found.push({ seed, problems });
  }
  return search;
}

function problemsOf(seed: number, search: Search): string[] {
  try {
    const played = playCalls(seed);
    search.runs += 1;
    search.events += played.events.length;
    for (const { kind } of played.steps) search.seen.add(kind);
    for (const event of played.events) search.seen.add(event.type === 'message.sent' ? event.fate : event.type);
    const problems = brokenInvariantsOf(played);
    if (problems.length > 0 || seed % AGAIN !== 0) return problems;
    return [...replayed(seed, played), ...pastOf(played)];
  } catch (error) {
    return [`it throws ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}

/** The record of inputs alone gives the same bytes, whatever the windows. */
function replayed(seed: number, { definition, run }: CallsRun): string[] {
  const inputs = run.fabric.inputs();
  const until = run.fabric.horizon;
  const live = playCalls(seed, {}).run.sha256();
  for (const windowSize of ['event', 137] as const) {
    const replay = new VirtualRun({ ...definition, inputs }, { windowSize, keep: false });
    replay.runUntil(until);
    if (replay.sha256() !== live) return [`its replay with windows of ${windowSize} differs`];
  }
  return [];
}

/** I14: what was before an edit is the same without the edit. */
function pastOf({ seed, events, run }: CallsRun): string[] {
  const inputs = run.fabric.inputs();
  const edit = inputs.find(({ body }) => body.kind === 'topology.apply');
  if (edit === undefined) return [];
  const earlier = inputs.filter(({ at }) => at < edit.at);
  const without = new VirtualRun({ ...definitionOf(seed), inputs: earlier }, { hash: false });
  without.runUntil(edit.at);
  const past = events.filter(({ t }) => t < edit.at).map(encodeEvent);
  const same = without.events.map(encodeEvent);
  const differs = past.findIndex((line, n) => line !== same[n]);
  if (differs < 0 && past.length === same.length) return [];
  return [`I14 the edit at ${edit.at} changes the past: ${past[differs] ?? 'it is shorter'}`];
}
