import type { VirtualTime } from '../../base/order.ts';

/** Consul's longest `wait`, and what it adds at most, as a share of the wait: so that many questions do not come back at once. */
const MAX_WAIT_US = 600_000_000;
const JITTER_SHARE = 1 / 16;
/** Consul's `wait` for a question that says none. ms */
const DEFAULT_WAIT_MS = 300_000;
/** Questions that one registry keeps open at most (law 4); the limit of instances keeps it far away. */
export const MAX_HELD = 10_000;

interface Question {
  service: string;
  /** The last index that the asker has seen; 0 = none yet, it is answered at once. */
  index: number;
  waitMs?: number | undefined;
}
interface Held<Asker> extends Question {
  asker: Asker;
  until: VirtualTime;
}

/**
 * Consul's blocking queries as a pure machine (SR3): a question with the index of the last answer waits until the service's index is a later one, at most its wait and a share of it by chance.
 * That it ends is no guarantee of a change: its time may be over, or what changed is not in the list. Askers are answered in the order in which they asked.
 */
export class BlockingQueries<Asker> {
  private held: Held<Asker>[] = [];

  /** False when the question is to be answered now. `chance` is uniform in [0,1). */
  holds(question: Question, asker: Asker, indexNow: number, now: VirtualTime, chance: number): boolean {
    if (question.index < 1 || indexNow > question.index || this.held.length === MAX_HELD) return false;
    const waitUs = Math.min(MAX_WAIT_US, (question.waitMs ?? DEFAULT_WAIT_MS) * 1000);
    const until = now + Math.max(1, Math.round(waitUs * (1 + JITTER_SHARE * chance)));
    this.held.push({ ...question, asker, until });
    return true;
  }

  get size(): number {
    return this.held.length;
  }

  /** Those whose service has a later index by now; each is told once. */
  changed(indexOf: (service: string) => number): Asker[] {
    return this.take(({ service, index }) => indexOf(service) > index);
  }

  nextDue(): VirtualTime | null {
    return this.held.reduce<VirtualTime | null>((least, { until }) => Math.min(least ?? until, until), null);
  }

  /** Those who have waited long enough. */
  expire(now: VirtualTime): Asker[] {
    return this.take(({ until }) => until <= now);
  }

  /** Connections that are gone take their questions along; those that are meant. */
  forget(isGone: (asker: Asker) => boolean): Asker[] {
    return this.take(({ asker }) => isGone(asker));
  }

  private take(isOut: (held: Held<Asker>) => boolean): Asker[] {
    const out = this.held.filter(isOut);
    if (out.length > 0) this.held = this.held.filter((held) => !out.includes(held));
    return out.map(({ asker }) => asker);
  }
}
