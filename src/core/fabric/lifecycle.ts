import { canonicalize, sortedKeys } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import type { VirtualTime } from '../base/order.ts';
import { assert } from '../base/result.ts';
import type { StoredRow, TableRow } from '../storage/types.ts';
import type { AnyExecutableNode, Fault } from '../topology/schema/types.ts';
import { nodeOf, type InstanceId } from './message.ts';
import { declaredInstances, peersOf } from './peers.ts';
import type { InstanceInit, Peer } from './protocol.ts';
import { forgetConnections, pauseInstance, release } from './standstill.ts';
import { DEFAULT_RESTART_US, FABRIC_SOURCE, faultOn, tell, type FabricState, type InstanceState } from './state.ts';

/** An instance that the host has to bring up before the window. `recover`: its durable rows come from the host's store. */
export interface Spawn {
  init: InstanceInit;
  recover: boolean;
}
/** What the host does before it delivers a window, in this order. */
export interface LifecyclePlan {
  kill: InstanceId[];
  /** Store nodes whose durable rows are replaced by `Spawn.init.stored`. */
  wipe: string[];
  spawn: Spawn[];
}

const recordOf = (state: FabricState, node: string): AnyExecutableNode => {
  const record = state.topology.nodes[node];
  assert(record, `instance of unknown node ${node}`);
  return record;
};

/** What this instance runs: the drawing, or an older version that a rolling release has not replaced yet. */
const recordFor = (state: FabricState, instance: InstanceId): AnyExecutableNode =>
  state.older.get(instance) ?? recordOf(state, nodeOf(instance));

const texts = new WeakMap<AnyExecutableNode, string>();
/** Canonical text of a record, made once: records are replaced, never changed. */
function recordText(record: AnyExecutableNode): string {
  const known = texts.get(record) ?? canonicalize(record as unknown as Json);
  texts.set(record, known);
  return known;
}

/** What an instance knows of the world, as a text that is equal when nothing has changed for it. */
const worldText = (record: AnyExecutableNode, peers: readonly Peer[]): string =>
  [
    recordText(record),
    ...peers.map((peer) => canonicalize({ ...peer, record: null } as unknown as Json) + recordText(peer.record)),
  ].join();

const faultsOf = (state: FabricState, node: string): Fault[] =>
  [...state.faults.keys()].sort().flatMap((key) => {
    const fault = state.faults.get(key);
    return fault && 'node' in fault && fault.node === node ? [fault] : [];
  });

/** Rows that a store begins with: those of the definition, or those of the document. */
export function initialRows(state: FabricState, node: string): StoredRow[] {
  const given = state.definition.initialData?.[node];
  if (given) return given;
  const record = recordOf(state, node);
  if (record.kind !== 'database') return [];
  const rows: StoredRow[] = [];
  for (const table of record.config.tables) {
    for (const row of record.config.rows[table.name] ?? []) {
      rows.push({ table: table.name, key: canonicalize(row[table.primaryKey] ?? null), row });
    }
  }
  return rows;
}

/** Starts an instance at `t`: a new incarnation with its world, told by a `start` delivery of class lifecycle. */
export function startInstance(
  state: FabricState,
  plan: LifecyclePlan,
  instance: InstanceId,
  ordinal: number,
  t: VirtualTime,
): void {
  const node = nodeOf(instance);
  const record = recordOf(state, node);
  let known = state.instances.get(instance);
  if (known?.alive) return;
  const first = known === undefined;
  known ??= {
    instance,
    node,
    ordinal,
    alive: false,
    draining: false,
    retired: false,
    starts: 0,
    nextSeq: 0,
    nextDue: null,
    startedAt: t,
    pausedAt: null,
    held: [],
    ready: false,
  };
  state.instances.set(instance, known);
  const peers = peersOf(node, state.topology, state.addresses, state.older);
  const address = state.addresses.addressOf(instance, record);
  const stored = first ? initialRows(state, node) : [];
  plan.spawn.push({
    recover: !first,
    init: {
      instance,
      node,
      ordinal,
      address,
      seed: state.definition.seed,
      startedAt: t,
      incarnation: known.starts,
      record,
      peers,
      faults: faultsOf(state, node),
      nextSeq: known.nextSeq,
      stored,
    },
  });
  known.starts += 1;
  known.alive = true;
  known.startedAt = t;
  known.ready = false;
  known.retired = false;
  known.draining = false;
  known.nextDue = null;
  state.told.set(instance, worldText(record, peers));
  const version = record.kind === 'service' && record.config.release ? { version: record.config.version } : {};
  const seq = tell(state, t, { type: 'instance.starting', instance, node, address, ...version });
  // On a machine that stands still nothing begins, either.
  if (faultOn(state, node, 'pause')) pauseInstance(state, known, t);
  if (first) tellRows(state, t, node, stored);
  state.pending.push({ t, class: 1, source: FABRIC_SOURCE, seq, to: instance, body: { type: 'start' } });
}

/** Initial rows are events too, so that folding the log gives the tables at any time. */
function tellRows(state: FabricState, t: VirtualTime, store: string, rows: StoredRow[]): void {
  for (const { table, key, row } of rows) {
    tell(state, t, { type: 'store.applied', store, table, key, before: null, after: row as TableRow });
  }
}

/** Ends an instance at `t`; its neighbours learn of the closed connections one link later. */
export function endInstance(
  state: FabricState,
  plan: LifecyclePlan,
  instance: InstanceId,
  t: VirtualTime,
  end: { type: 'instance.crashed' | 'instance.stopped'; reason: string },
): void {
  const known = state.instances.get(instance);
  if (!known?.alive) return;
  known.alive = false;
  known.retired = end.type === 'instance.stopped';
  known.draining = false;
  known.nextDue = null;
  plan.kill.push(instance);
  state.told.delete(instance);
  tell(state, t, { ...end, instance });
  // What waited for it has reached nobody.
  release(state, known, t);
  forgetConnections(state, instance);
  // Whatever comes after it runs the new version.
  state.older.delete(instance);
  if (state.releases.has(known.node))
    state.agenda.push({ t: t + state.lookahead, do: 'release', instance: known.node });
  const notified = new Set<InstanceId>();
  for (const peer of peersOf(known.node, state.topology, state.addresses)) {
    const delay = state.topology.links[peer.link]?.latency.minUs ?? state.lookahead;
    for (const other of peer.instances) {
      if (notified.has(other.instance) || !state.instances.get(other.instance)?.alive) continue;
      notified.add(other.instance);
      state.pending.push({
        t: t + delay,
        class: 1,
        source: FABRIC_SOURCE,
        seq: state.seq++,
        to: other.instance,
        body: { type: 'peer.down', instance, reason: end.reason },
      });
    }
  }
}

/** Ends an instance that nobody asked to end; it comes back after its restart delay. */
export function crashInstance(
  state: FabricState,
  plan: LifecyclePlan,
  instance: InstanceId,
  t: VirtualTime,
  reason: string,
): void {
  const known = state.instances.get(instance);
  if (!known?.alive) return;
  endInstance(state, plan, instance, t, { type: 'instance.crashed', reason });
  const record = state.topology.nodes[known.node];
  const delay = record ? restartDelayUs(record) : null;
  if (delay !== null) state.agenda.push({ t: t + Math.max(delay, state.lookahead), do: 'restart', instance });
}

/** When an instance that crashed by itself is started again; null = never. µs. */
function restartDelayUs(record: AnyExecutableNode): number | null {
  if (record.kind === 'gateway' || record.kind === 'client') return DEFAULT_RESTART_US;
  const delay = record.config.restartDelayMs;
  return delay === null ? null : Math.round(delay * 1000);
}

/** Brings the running instances in line with the topology: starts, drains, ends, and tells the changed ones. */
export function reconcile(state: FabricState, plan: LifecyclePlan, t: VirtualTime): void {
  const declared = declaredInstances(state.topology);
  const wanted = new Set(declared.map((d) => d.instance));
  const leaving = [...state.instances.values()]
    .filter((i) => i.alive && !wanted.has(i.instance))
    .sort((a, b) => (a.instance < b.instance ? -1 : 1));
  for (const known of leaving) {
    if (state.topology.nodes[known.node]) drain(state, known, t);
    else endInstance(state, plan, known.instance, t, { type: 'instance.stopped', reason: 'removed from the canvas' });
  }
  for (const { instance, ordinal } of declared) {
    const known = state.instances.get(instance);
    if (!known || known.retired) startInstance(state, plan, instance, ordinal, t);
  }
  for (const { instance, node } of declared) {
    if (!state.instances.get(instance)?.alive) continue;
    const record = recordFor(state, instance);
    const peers = peersOf(node, state.topology, state.addresses, state.older);
    const text = worldText(record, peers);
    if (state.told.get(instance) === text) continue;
    state.told.set(instance, text);
    notice(state, instance, t, { type: 'reconfigure', record, peers });
  }
}

/** Asks an instance to end in good order. */
export function drain(state: FabricState, known: InstanceState, t: VirtualTime): void {
  if (known.draining) return;
  known.draining = true;
  tell(state, t, { type: 'instance.draining', instance: known.instance });
  notice(state, known.instance, t, { type: 'drain' });
}

/** Tells every instance of a node its active faults. */
export function tellFaults(state: FabricState, node: string, t: VirtualTime): void {
  const faults = faultsOf(state, node);
  for (const instance of [...state.instances.keys()].sort()) {
    const known = state.instances.get(instance);
    if (known?.alive && known.node === node) notice(state, instance, t, { type: 'faults', faults });
  }
}

function notice(
  state: FabricState,
  to: InstanceId,
  t: VirtualTime,
  body: Extract<import('./protocol.ts').DeliveryBody, { type: 'reconfigure' | 'drain' | 'faults' }>,
): void {
  state.pending.push({ t, class: 0, source: FABRIC_SOURCE, seq: state.seq++, to, body });
}

/** Stores back to their initial rows: their instances end and start anew. */
export function wipeStores(state: FabricState, plan: LifecyclePlan, t: VirtualTime): void {
  for (const node of sortedKeys(state.topology.nodes)) {
    const record = state.topology.nodes[node];
    if (record?.kind !== 'database' && record?.kind !== 'broker') continue;
    const instance = `${node}#0`;
    endInstance(state, plan, instance, t, { type: 'instance.stopped', reason: 'wiped' });
    plan.wipe.push(node);
    startInstance(state, plan, instance, 0, t);
    const spawn = plan.spawn.at(-1);
    if (spawn?.init.instance === instance) {
      spawn.recover = false;
      spawn.init.stored = initialRows(state, node);
      tellRows(state, t, node, spawn.init.stored);
    }
  }
}
