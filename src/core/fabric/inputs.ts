import { sortedKeys } from '../base/canonical.ts';
import type { VirtualTime } from '../base/order.ts';
import { faultKey, faultTarget } from '../topology/schema/fault.ts';
import type { ExecutableDiff, ExecutableTopology } from '../topology/schema/types.ts';
import type { Input } from './input.ts';
import {
  endInstance,
  crashInstance,
  reconcile,
  startInstance,
  tellFaults,
  wipeStores,
  type LifecyclePlan,
} from './lifecycle.ts';
import type { HttpReply, InstanceId } from './message.ts';
import { lookaheadUs } from './network.ts';
import { declaredInstances } from './peers.ts';
import { advanceRelease, beginReleases } from './releases.ts';
import { cutOff, pauseNode, resumeNode } from './standstill.ts';
import { faultOn, INPUT_SOURCE, type FabricState } from './state.ts';

/** Topology after a diff; record by record, nothing is validated here (the application applies only valid documents). */
export function applyExecutableDiff(topology: ExecutableTopology, diff: ExecutableDiff): ExecutableTopology {
  const apply = <T>(
    records: Record<string, T>,
    d: { added: Record<string, T>; updated: Record<string, [T, T]>; removed: Record<string, T> },
  ): Record<string, T> => {
    const out: Record<string, T> = { ...records };
    for (const id of sortedKeys(d.removed)) delete out[id];
    for (const id of sortedKeys(d.added)) out[id] = d.added[id] as T;
    for (const id of sortedKeys(d.updated)) out[id] = (d.updated[id] as [T, T])[1];
    return out;
  };
  return { nodes: apply(topology.nodes, diff.nodes), links: apply(topology.links, diff.links) };
}

const unavailable = (node: string): HttpReply => ({
  status: 503,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify({ code: 'NO_INSTANCE', detail: `no instance of ${node} is running` }),
});

/** Carries out one input at the start of a window; class 0, before everything else at that instant. */
export function applyInput(state: FabricState, plan: LifecyclePlan, input: Input): void {
  const { at, seq, body } = input;
  state.open.push({ t: at, class: 0, source: INPUT_SOURCE, seq, type: 'input', input: body });
  switch (body.kind) {
    case 'request': {
      const isDown = faultOn(state, body.node, 'outage') && state.topology.nodes[body.node]?.kind !== 'client';
      const alive = [...state.instances.values()]
        .filter((i) => i.node === body.node && i.alive && !isDown)
        .sort((a, b) => a.ordinal - b.ordinal)[0];
      if (alive)
        state.pending.push({
          t: at,
          class: 0,
          source: INPUT_SOURCE,
          seq,
          to: alive.instance,
          body: { type: 'input', seq, input: body },
        });
      else state.edgeReplies.push({ input: seq, reply: unavailable(body.node) });
      return;
    }
    case 'cancel':
      state.cancelled.add(body.input);
      return;
    case 'fault.set':
      state.faults.set(faultKey(body.fault), body.fault);
      if (body.fault.kind === 'pause') pauseNode(state, body.fault.node, at);
      if (body.fault.kind === 'outage') cutOff(state, body.fault.node, at);
      return tellFaults(state, faultTarget(body.fault), at);
    case 'fault.clear':
      state.faults.delete(faultKey(body.fault));
      if (body.fault.kind === 'pause') resumeNode(state, body.fault.node, at);
      return tellFaults(state, faultTarget(body.fault), at);
    case 'instance.move':
      return moveInstance(state, plan, body.instance, at);
    case 'instance.kill':
      return endInstance(state, plan, body.instance, at, { type: 'instance.crashed', reason: 'killed' });
    case 'instance.start': {
      // Recorded also when nothing of this name is declared (any more); then nothing starts.
      const declared = declaredInstances(state.topology).find(({ instance }) => instance === body.instance);
      if (declared) startInstance(state, plan, body.instance, declared.ordinal, at);
      return;
    }
    case 'crash.observed':
      return crashInstance(state, plan, body.instance, at, body.reason);
    case 'topology.apply': {
      const before = state.topology;
      state.topology = applyExecutableDiff(before, body.diff);
      state.lookahead = lookaheadUs(state.topology);
      const begun = beginReleases(state, before);
      reconcile(state, plan, at);
      for (const node of begun) advanceRelease(state, node, at);
      return;
    }
    case 'wipe':
      return wipeStores(state, plan, at);
  }
}

/** Started anew elsewhere: whoever still knows the old address finds nobody there. */
function moveInstance(state: FabricState, plan: LifecyclePlan, instance: InstanceId, at: VirtualTime): void {
  const declared = declaredInstances(state.topology).find((one) => one.instance === instance);
  if (!declared) return;
  endInstance(state, plan, instance, at, { type: 'instance.stopped', reason: 'moved to another machine' });
  state.addresses.move(instance);
  startInstance(state, plan, instance, declared.ordinal, at);
  reconcile(state, plan, at);
}
