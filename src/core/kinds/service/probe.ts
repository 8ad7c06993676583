import type { Health } from '../../topology/schema/types.ts';

export type ProbeKind = keyof Health;
export type ProbeConfig = NonNullable<Health[ProbeKind]>;

/** What is known of one probe: its verdict (null before the first), and how many equal results came last. */
export interface ProbeState {
  verdict: boolean | null;
  last: boolean | null;
  run: number;
}
export const unknownProbe: ProbeState = { verdict: null, last: null, run: 0 };

/** One more result: the verdict changes after `successThreshold` or `failureThreshold` equal ones in a row (RP4, Kubernetes). */
export function observe(
  probe: Pick<ProbeConfig, 'successThreshold' | 'failureThreshold'>,
  state: ProbeState,
  passed: boolean,
): ProbeState {
  const run = state.last === passed ? state.run + 1 : 1;
  const needed = passed ? probe.successThreshold : probe.failureThreshold;
  return { verdict: run >= needed ? passed : state.verdict, last: passed, run };
}
