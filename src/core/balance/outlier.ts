import type { VirtualTime } from '../base/order.ts';
import type { OutlierDetection } from '../topology/schema/types.ts';

const US_PER_MS = 1000;

interface Host {
  /** Failures in a row. */
  failures: number;
  /** Ejections in a row: one less for every sweep that finds it in use. */
  times: number;
  /** Sweep at which it returns; null = in use. */
  until: VirtualTime | null;
}

/**
 * Envoy's outlier detection of one caller about one upstream (GW12): so many 5xx or failed connections in a row eject an instance at once,
 * for `base * times` up to the cap; the sweep that comes at or after the end brings it back. At most `maxEjectionPercent` of the instances are out,
 * but one may always be. Time-outs and refused and broken connections count like a 5xx, as Envoy counts them by default.
 */
export class OutlierDetector {
  private readonly hosts = new Map<string, Host>();
  /** Sweeps come every interval from here on. */
  private readonly origin: VirtualTime;

  constructor(origin: VirtualTime) {
    this.origin = origin;
  }

  isEjected(id: string): boolean {
    return (this.hosts.get(id)?.until ?? null) !== null;
  }

  /** One answer or failure of an instance. `total` counts the instances that could be chosen if none were ejected. Time of its return when this ejects it, else null. */
  report(
    policy: OutlierDetection,
    outcome: { id: string; failed: boolean },
    total: number,
    now: VirtualTime,
  ): VirtualTime | null {
    const host = this.hosts.get(outcome.id) ?? { failures: 0, times: 0, until: null };
    this.hosts.set(outcome.id, host);
    host.failures = outcome.failed ? host.failures + 1 : 0;
    if (host.until !== null || host.failures < policy.consecutive5xx) return null;
    const out = [...this.hosts.values()].filter((other) => other.until !== null).length;
    if (out > 0 && (100 * (out + 1)) / total > policy.maxEjectionPercent) return null;
    host.failures = 0;
    host.times += 1;
    const longest = Math.max(policy.maxEjectionMs, policy.baseEjectionMs);
    const ms = Math.min(policy.baseEjectionMs * host.times, longest);
    host.until = this.sweepFrom(policy, now + Math.round(ms * US_PER_MS));
    return host.until;
  }

  /** Time of the next sweep after `now` while one has anything to do, else null. */
  nextSweep(policy: OutlierDetection, now: VirtualTime): VirtualTime | null {
    const busy = [...this.hosts.values()].some((host) => host.until !== null || host.times > 0);
    return busy ? this.sweepFrom(policy, now + 1) : null;
  }

  /** Ids that return now, in code unit order. */
  sweep(now: VirtualTime): string[] {
    const back: string[] = [];
    for (const [id, host] of this.hosts) {
      if (host.until !== null && now >= host.until) {
        host.until = null;
        back.push(id);
      } else if (host.until === null && host.times > 0) host.times -= 1;
    }
    return back.sort();
  }

  /** A good active check returns it at once; how often it was out still counts. True when it was out. */
  absolve(id: string): boolean {
    const host = this.hosts.get(id);
    if (host === undefined || host.until === null) return false;
    host.until = null;
    host.failures = 0;
    return true;
  }

  /** Forgets instances that are gone or have moved, and everything when outlier detection was switched off; gives those that were ejected. */
  forget(isGone: (id: string) => boolean): string[] {
    const gone = [...this.hosts.keys()].filter(isGone).sort();
    const ejected = gone.filter((id) => this.isEjected(id));
    for (const id of gone) this.hosts.delete(id);
    return ejected;
  }

  /** First sweep at or after `t`. */
  private sweepFrom(policy: OutlierDetection, t: VirtualTime): VirtualTime {
    const interval = Math.max(1, Math.round(policy.intervalMs * US_PER_MS));
    return this.origin + Math.ceil((t - this.origin) / interval) * interval;
  }
}

/** Envoy's panic: with fewer than `panicPercent` of the instances available all are used. 0 = never. */
export function isPanic(panicPercent: number, available: number, total: number): boolean {
  return total > 0 && (100 * available) / total < panicPercent;
}
