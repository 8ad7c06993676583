import type { VirtualTime } from '../base/order.ts';
import { sortedKeys } from '../base/canonical.ts';
import type { InstanceId } from './message.ts';
import { listenerOf } from './network.ts';
import { resetConnection } from './routing.ts';
import { FABRIC_SOURCE, tell, type FabricState, type InstanceState } from './state.ts';

/** Sorts before every other source: an instance hears that it goes on before it hears anything else. */
const FIRST = '!';

const instancesOf = (state: FabricState, node: string): InstanceState[] =>
  [...state.instances.values()]
    .filter((known) => known.node === node && known.alive)
    .sort((a, b) => (a.instance < b.instance ? -1 : 1));

/** From now on nothing happens in this instance: what is delivered is held, timers wait. */
export function pauseInstance(state: FabricState, known: InstanceState, t: VirtualTime): void {
  if (known.pausedAt !== null) return;
  known.pausedAt = t;
  tell(state, t, { type: 'instance.paused', instance: known.instance });
  const record = state.topology.nodes[known.node];
  const probe = record?.kind === 'service' ? record.config.health?.liveness : undefined;
  if (!probe) return;
  // Its node agent does not stand still: each probe now times out.
  const { failureThreshold, periodMs, timeoutMs } = probe;
  const enoughUs = Math.round((failureThreshold * periodMs + timeoutMs) * 1000);
  const reason = `no answer within ${timeoutMs} ms, ${failureThreshold} in a row`;
  state.agenda.push({
    t: t + Math.max(enoughUs, state.lookahead),
    do: 'starve',
    instance: known.instance,
    since: t,
    reason,
  });
}

/** All living instances of a node stand still, as in a long garbage collection. */
export function pauseNode(state: FabricState, node: string, t: VirtualTime): void {
  for (const known of instancesOf(state, node)) pauseInstance(state, known, t);
}

/** They go on: first the timers that were due, beside them what was held, in its order, a microsecond apart. */
export function resumeNode(state: FabricState, node: string, t: VirtualTime): void {
  for (const known of instancesOf(state, node)) {
    if (known.pausedAt === null) continue;
    const seq = tell(state, t, { type: 'instance.resumed', instance: known.instance });
    state.pending.push({ t, class: 0, source: FIRST, seq, to: known.instance, body: { type: 'resumed' } });
    release(state, known, t);
    if (known.nextDue !== null) known.nextDue = Math.max(known.nextDue, t);
  }
}

/** What was held is delivered from `t` on, in the order in which it came; what the fabric told before anything that it tells at `t`, or the older word would count. */
export function release(state: FabricState, known: InstanceState, t: VirtualTime): void {
  known.pausedAt = null;
  known.held.forEach((item, rank) => state.pending.push({ ...item, t: item.class === 0 ? t : t + rank }));
  known.held = [];
}

/** The connections of an instance end with it. */
export function forgetConnections(state: FabricState, instance: InstanceId): void {
  for (const key of state.stuck.keys()) {
    const [from, to] = key.split(' ');
    if (from === instance || to === instance) state.stuck.delete(key);
  }
}

/** An outage begins: nobody listens there any more, so every connection that others opened to it breaks. Memory and rows stay. */
export function cutOff(state: FabricState, node: string, t: VirtualTime): void {
  const reason = 'outage by fault';
  for (const id of sortedKeys(state.topology.links)) {
    const link = state.topology.links[id];
    if (!link || listenerOf(link) !== node) continue;
    const callers = instancesOf(state, link.from === node ? link.to : link.from);
    for (const { instance: own } of instancesOf(state, node)) {
      for (const { instance: caller } of callers) {
        if (link.kind !== 'http') resetConnection(state, { from: caller, to: own, link: id }, t, reason);
        else {
          const body = { type: 'peer.down' as const, instance: own, reason };
          const at = t + link.latency.minUs;
          state.pending.push({ t: at, class: 1, source: FABRIC_SOURCE, seq: state.seq++, to: caller, body });
        }
      }
    }
  }
}
