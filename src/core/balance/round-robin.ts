import type { Candidate, Picker } from './picker.ts';

/** Round robin that survives a changed list: the entry after the last one, or after the place where it stood when it is gone; no live one is skipped (SR8). */
export class RoundRobin implements Picker {
  private order: readonly string[] = [];
  private last: string | null = null;

  pick(candidates: readonly Candidate[]): string | null {
    const ids = candidates.map((candidate) => candidate.id);
    this.last = nextInRing(ids, this.last, this.order);
    this.order = ids;
    return this.last;
  }
}

/** Entry after `last`; when `last` is gone, the first survivor of those that followed it in `before`; null for an empty list. */
export function nextInRing(ids: readonly string[], last: string | null, before: readonly string[]): string | null {
  const at = last === null ? -1 : ids.indexOf(last);
  if (at >= 0) return ids[(at + 1) % ids.length] ?? null;
  const stood = last === null ? -1 : before.indexOf(last);
  const followers = stood < 0 ? [] : [...before.slice(stood + 1), ...before.slice(0, stood)];
  return followers.find((id) => ids.includes(id)) ?? ids[0] ?? null;
}

/** Vanished candidates whose turn is remembered, so that one that comes back goes on where it was. */
const MAX_REMEMBERED = 256;

/** Smooth weighted round robin: each gains its share per choice, the richest is chosen and pays for all (nginx). */
export class SmoothWeights {
  private readonly current = new Map<string, number>();

  next(candidates: readonly Candidate[]): string | null {
    let best: string | null = null;
    let most = 0;
    let total = 0;
    for (const { id, weight } of candidates) {
      if (!(weight > 0)) continue;
      const gained = (this.current.get(id) ?? 0) + weight;
      this.current.set(id, gained);
      total += weight;
      if (best !== null && gained <= most) continue;
      best = id;
      most = gained;
    }
    if (best !== null) this.current.set(best, most - total);
    this.forget(candidates);
    return best;
  }

  private forget(candidates: readonly Candidate[]): void {
    if (this.current.size <= MAX_REMEMBERED) return;
    const present = new Set(candidates.map((candidate) => candidate.id));
    for (const id of this.current.keys()) if (!present.has(id)) this.current.delete(id);
  }
}

/** Weights 1 and 3 give b a b b, not b b b a (GW11, nginx). */
export class WeightedRoundRobin implements Picker {
  private readonly weights = new SmoothWeights();

  pick(candidates: readonly Candidate[]): string | null {
    return this.weights.next(candidates);
  }
}
