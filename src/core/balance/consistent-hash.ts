import { murmur128 } from '../base/murmur.ts';
import { pickRandom, type Candidate, type PickContext, type Picker } from './picker.ts';

/** Points of one instance on the ring, always so many: removing one instance leaves the points of the others where they are. Envoy shares 1,024 points among all instead. */
export const POINTS_PER_HOST = 256;
/** Length of a Maglev table; prime (as in Envoy and the paper). */
export const MAGLEV_TABLE = 65_537;
/** Tables kept per upstream: with an ejection the list changes to and fro. */
const MAX_TABLES = 4;

const hashOf = (key: string): number => murmur128(key, 0)[0];

/** What was built for the last few lists of candidates. */
class Tables<T> {
  private readonly kept = new Map<string, T>();
  private readonly build: (ids: readonly string[]) => T;

  constructor(build: (ids: readonly string[]) => T) {
    this.build = build;
  }

  of(candidates: readonly Candidate[]): T {
    // In code unit order: the same candidates in another order give the same table.
    const ids = candidates.map((candidate) => candidate.id).sort();
    const key = ids.join('\n');
    const table = this.kept.get(key) ?? this.build(ids);
    this.kept.delete(key);
    this.kept.set(key, table);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_TABLES && oldest !== undefined) this.kept.delete(oldest);
    return table;
  }
}

interface Point {
  hash: number;
  id: string;
}

function buildRing(ids: readonly string[]): Point[] {
  const points: Point[] = [];
  for (const id of ids) {
    for (let n = 0; n < POINTS_PER_HOST / 4; n++)
      for (const hash of murmur128(`${id}/${n}`, 0)) points.push({ hash, id });
  }
  return points.sort((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1));
}

/** The point at or after the hash, around the ring. */
function pointAfter(ring: readonly Point[], hash: number): Point | undefined {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ring[middle]?.hash ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  return ring[low] ?? ring[0];
}

/** Ring of hashes: equal keys reach the same instance; one that goes gives only its own keys away (GW11). */
export class RingHash implements Picker {
  private readonly rings = new Tables(buildRing);

  pick(candidates: readonly Candidate[], context: PickContext): string | null {
    if (context.hashKey === null) return pickRandom(candidates, context.random(0));
    return pointAfter(this.rings.of(candidates), hashOf(context.hashKey))?.id ?? null;
  }
}

/** Each candidate in turn takes the next free place of its own permutation, until the table is full. */
function buildMaglev(ids: readonly string[]): readonly string[] {
  const table = Array<string | undefined>(ids.length === 0 ? 0 : MAGLEV_TABLE);
  const walks = ids.map((id) => {
    const [offset, skip] = murmur128(id, 0);
    return { id, at: offset % MAGLEV_TABLE, step: (skip % (MAGLEV_TABLE - 1)) + 1 };
  });
  for (let filled = 0; filled < table.length;) {
    for (const walk of walks) {
      while (table[walk.at] !== undefined) walk.at = (walk.at + walk.step) % MAGLEV_TABLE;
      table[walk.at] = walk.id;
      filled += 1;
      if (filled === table.length) break;
    }
  }
  return table as string[];
}

/** Maglev's lookup table: shares even to a place, a little more movement than a ring when the list changes (GW11). */
export class Maglev implements Picker {
  private readonly tables = new Tables(buildMaglev);

  pick(candidates: readonly Candidate[], context: PickContext): string | null {
    if (context.hashKey === null) return pickRandom(candidates, context.random(0));
    const table = this.tables.of(candidates);
    return table[hashOf(context.hashKey) % MAGLEV_TABLE] ?? null;
  }
}
