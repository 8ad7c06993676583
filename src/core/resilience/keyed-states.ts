/** Keys of one rate limit that are remembered at once; beyond it the one unused for longest is forgotten and begins anew. */
export const MAX_LIMIT_KEYS = 10_000;

/** State by key, at most `most` of them: the least recently used is forgotten first. Insertion order of the map is the order of use. */
export interface KeyedStates<S> {
  most: number;
  states: Map<string, S>;
}

/** No keys yet. */
export const createKeyedStates = <S>(most: number): KeyedStates<S> => ({ most, states: new Map() });

/** The state of a key, made if it is new; `forgotten` is the key that had to go for it, for a visible `limit.hit`. */
export function stateOf<S>(keyed: KeyedStates<S>, key: string, make: () => S): { state: S; forgotten: string | null } {
  const { states, most } = keyed;
  const known = states.get(key);
  const state = known ?? make();
  states.delete(key);
  states.set(key, state);
  if (states.size <= most) return { state, forgotten: null };
  const oldest = states.keys().next().value ?? null;
  if (oldest !== null) states.delete(oldest);
  return { state, forgotten: oldest };
}
