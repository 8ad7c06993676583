import { matchEndpoint } from '../../http/path.ts';
import type { Check } from './check.ts';
import type { ConfigOf } from '../schema/types.ts';

const PROBES = ['startup', 'readiness', 'liveness'] as const;

/** Checks how a service lives: its probes have somebody who answers and thresholds that Kubernetes accepts; a rolling release leaves somebody to serve, and time enough. */
export function checkLife(check: Check, id: string, config: ConfigOf<'service'>, at: string): void {
  for (const kind of PROBES) {
    const probe = config.health?.[kind];
    if (probe === undefined) continue;
    const place = `${at}/health/${kind}`;
    const path = probe.path.split('?', 1)[0] ?? '';
    if (!matchEndpoint(config.endpoints, 'GET', path).ok)
      check.error('PROBE_NOT_ANSWERED', `${place}/path`, { probe: kind, path: probe.path });
    if (kind !== 'readiness' && probe.successThreshold !== 1)
      check.error('PROBE_THRESHOLD', `${place}/successThreshold`, { probe: kind });
  }
  const { release } = config;
  if (release === undefined) return;
  if (release.strategy === 'rolling' && config.replicas === 1)
    check.warn('RELEASE_WITHOUT_REPLICA', `${at}/release/strategy`, {});
  for (const [, link] of check.links) {
    if (link.kind !== 'discovery' || link.from.node !== id) continue;
    const registry = check.nodeOf(link.to.node, 'registry');
    if (registry !== undefined && release.graceMs < registry.config.cacheTtlMs + 1000)
      check.warn('GRACE_TOO_SHORT', `${at}/release/graceMs`, {
        node: link.to.node,
        age: registry.config.cacheTtlMs,
        grace: release.graceMs,
        wanted: registry.config.cacheTtlMs + 1000,
      });
  }
}
