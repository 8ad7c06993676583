import type { RegistryEntryView, RunView } from '../../core/telemetry/view.ts';

/** Share of the lease that is left is drawn in this many steps, so that the face changes a few times per lease only. */
export const RING_STEPS = 12;
/** More leases of one service than this are drawn as one ring: that of the lease that ends first. */
export const SHOWN_RINGS = 3;

export interface Lease {
  instance: string;
  /** `over`: its lease has ended and the registry still lists it (Eureka evicts in sweeps). */
  state: Exclude<RegistryEntryView['status'], 'gone'> | 'over';
  expiresAt: number | null;
  /** 0 to RING_STEPS. */
  left: number;
}
export interface ServiceLeases {
  service: string;
  passing: number;
  listed: number;
  leases: Lease[];
}

/** What a registry knows at the shown time, by service; a lease longer than `ttlMs` (Eureka's second) is drawn full until that much is left. */
export function leasesOf(view: Pick<RunView, 'registry' | 't'>, registry: string, ttlMs: number): ServiceLeases[] {
  const services = new Map<string, ServiceLeases>();
  for (const entry of view.registry.values()) {
    if (entry.registry !== registry || entry.status === 'gone') continue;
    const known = services.get(entry.service) ?? { service: entry.service, passing: 0, listed: 0, leases: [] };
    services.set(entry.service, known);
    known.listed += 1;
    const { instance, expiresAt } = entry;
    const isOver = entry.status === 'passing' && expiresAt !== null && expiresAt <= view.t;
    const state = isOver ? 'over' : entry.status;
    if (entry.status === 'passing') known.passing += 1;
    const share = expiresAt === null ? 1 : (expiresAt - view.t) / (ttlMs * 1000);
    const left = entry.status === 'critical' ? 0 : Math.round(Math.min(1, Math.max(0, share)) * RING_STEPS);
    known.leases.push({ instance, state, expiresAt, left });
  }
  const sorted = [...services.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
  for (const { leases } of sorted) leases.sort((a, b) => (a.instance < b.instance ? -1 : 1));
  return sorted;
}

const WORST = { passing: 0, over: 1, warning: 2, critical: 3 } as const;

/** The leases that are drawn: all of a few; of many the one that is worst, then the one that ends first. */
export function shownLeases(leases: readonly Lease[]): readonly Lease[] {
  if (leases.length <= SHOWN_RINGS) return leases;
  return [...leases].sort((a, b) => WORST[b.state] - WORST[a.state] || a.left - b.left).slice(0, 1);
}
