/** An instance that may be chosen. Weight 0 = no traffic, where weights count at all. */
export interface Candidate {
  id: string;
  weight: number;
}
/** What a choice may look at besides the candidates. */
export interface PickContext {
  /** Value that hash policies hash; null = the request has none, then they choose at random (as Envoy does). */
  hashKey: string | null;
  /** Requests under way to a candidate. */
  active(id: string): number;
  /** Uniform [0,1); equal for equal `draw` of one choice, independent for others. */
  random(draw: number): number;
}
/** How one caller chooses among the instances of one upstream. It may remember its last choices; it never sees time. */
export interface Picker {
  /** Id of one of the candidates; null when there are none, or none with weight. */
  pick(candidates: readonly Candidate[], context: PickContext): string | null;
}

/** Any candidate, each as likely as the others. */
export function pickRandom(candidates: readonly Candidate[], random: number): string | null {
  return candidates[Math.floor(random * candidates.length)]?.id ?? null;
}

/** Weight of an instance: by its ordinal (`#1`), else by its version, else 1. */
export function weightOf(weights: Readonly<Record<string, number>>, instance: string, version: string | null): number {
  const ordinal = instance.slice(instance.lastIndexOf('#'));
  if (Object.hasOwn(weights, ordinal)) return weights[ordinal] ?? 1;
  return version !== null && Object.hasOwn(weights, version) ? (weights[version] ?? 1) : 1;
}
