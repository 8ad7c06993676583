import { sortedKeys } from '../base/canonical.ts';
import type { VirtualTime } from '../base/order.ts';
import type { AnyExecutableNode, ExecutableTopology } from '../topology/schema/types.ts';
import { drain } from './lifecycle.ts';
import { tell, type FabricState, type InstanceState } from './state.ts';

const versionOf = (record: AnyExecutableNode | undefined): string | null =>
  record?.kind === 'service' ? record.config.version : null;

const living = (state: FabricState, node: string): InstanceState[] =>
  [...state.instances.values()].filter((i) => i.alive && i.node === node).sort((a, b) => a.ordinal - b.ordinal);

/** Services whose version an edit changed, and how: rolling ones keep their old record per instance until each is replaced; the others change at once. */
export function beginReleases(state: FabricState, before: ExecutableTopology): string[] {
  const begun: string[] = [];
  for (const node of sortedKeys(state.topology.nodes)) {
    const [from, to] = [before.nodes[node], state.topology.nodes[node]];
    if (from === undefined || to?.kind !== 'service' || versionOf(from) === to.config.version) continue;
    state.releases.delete(node);
    for (const { instance } of living(state, node)) {
      const runs = state.older.get(instance) ?? from;
      // At once, or back to what it still runs.
      if (to.config.release?.strategy !== 'rolling' || versionOf(runs) === to.config.version)
        state.older.delete(instance);
      else state.older.set(instance, runs);
    }
    if (to.config.release?.strategy !== 'rolling') continue;
    state.releases.set(node, { version: to.config.version, told: -1 });
    begun.push(node);
  }
  return begun;
}

/** The next step of a rolling release: when all replicas are ready and none is ending, the lowest one that is old is drained; its successor starts with the new record. */
export function advanceRelease(state: FabricState, node: string, t: VirtualTime): void {
  const release = state.releases.get(node);
  const record = state.topology.nodes[node];
  if (!release || record?.kind !== 'service') return;
  const replicas = living(state, node);
  const done = replicas.filter((i) => i.ready && !state.older.has(i.instance)).length;
  const total = record.config.replicas;
  if (done !== release.told) {
    release.told = done;
    tell(state, t, { type: 'release.changed', node, version: release.version, done, total });
  }
  const isOld = (i: InstanceState): boolean => state.older.has(i.instance);
  if (replicas.some((i) => i.draining || (!i.ready && !isOld(i)))) return;
  // An old one that is not even ready goes first: nobody misses it.
  const next = replicas.find((i) => isOld(i) && !i.ready) ?? replicas.find(isOld);
  if (next) drain(state, next, t);
  else if (done >= total) state.releases.delete(node);
}
