import type { VirtualTime } from '../base/order.ts';
import type { EventOf, LogEvent } from '../fabric/event.ts';
import { nodeOf } from '../fabric/message.ts';
import type { ExecutableTopology, RecordsDiff } from '../topology/schema/types.ts';
import { applyRefused, applySent, sweepPackets } from './fold-messages.ts';
import { applyCall, applyDuplicated, forgetMemory } from './fold-calls.ts';
import { addMark, applyInput, applyLife, nodeView } from './fold-nodes.ts';
import { applyLog, applySpanEnded, applySpanStarted, applyStepFailed } from './fold-spans.ts';
import { LIMITS } from './limits.ts';
import { ownCollection, ownEntry, putEntry } from './own.ts';
import { declaredSteps } from './sagas.ts';
import type { FoldContext, RunView } from './view.ts';

/** An empty projection, as before the first event. */
export function createRunView(): RunView {
  return {
    version: 0,
    t: 0,
    events: 0,
    instances: new Map(),
    nodes: new Map(),
    packets: new Map(),
    queues: new Map(),
    registry: new Map(),
    traces: new Map(),
    logs: [],
    sagas: new Map(),
    tables: new Map(),
    faults: new Map(),
    breakers: new Map(),
    pools: new Map(),
    limits: new Map(),
    ejections: new Map(),
    panics: new Map(),
    probes: new Map(),
    releases: new Map(),
    marks: [],
    messages: new Map(),
    links: new Map(),
    activity: { bucketUs: LIMITS.activityBucketUs, messages: [], failures: [] },
    dropped: { traces: 0, messages: 0, logs: 0, rows: 0 },
    owned: new Set(),
  };
}

/** What the fold reads of a topology. */
export const foldContext = (topology: ExecutableTopology): FoldContext => ({
  topology,
  links: topology.links,
  sagas: declaredSteps(topology),
});

/** The context after `event`: an applied edit changes the topology, everything else leaves it alone. */
export function nextContext(context: FoldContext, event: LogEvent): FoldContext {
  if (event.type !== 'input' || event.input.kind !== 'topology.apply') return context;
  const { nodes, links } = event.input.diff;
  return foldContext({
    nodes: patchRecords(context.topology.nodes, nodes),
    links: patchRecords(context.topology.links, links),
  });
}

function patchRecords<T>(records: Record<string, T>, diff: RecordsDiff<T>): Record<string, T> {
  const next: Record<string, T> = { ...records, ...diff.added };
  for (const [id, [, to]] of Object.entries(diff.updated)) next[id] = to;
  for (const id of Object.keys(diff.removed)) delete next[id];
  return next;
}

/** Applies one event in place. Events must come in the order of their keys; an event about something unknown changes nothing. */
export function applyEvent(view: RunView, event: LogEvent, context: FoldContext): void {
  view.version += 1;
  view.events += 1;
  view.t = event.t;
  switch (event.type) {
    case 'input':
      applyInput(view, event);
      break;
    case 'instance.starting':
      applyLife(view, event);
      forgetMemory(view, event.instance);
      break;
    case 'instance.ready':
    case 'instance.draining':
    case 'instance.stopped':
    case 'instance.crashed':
      applyLife(view, event);
      break;
    case 'message.sent':
      applySent(view, event, context);
      break;
    case 'message.refused':
      applyRefused(view, event);
      break;
    case 'span.started':
      applySpanStarted(view, event);
      break;
    case 'span.ended':
      applySpanEnded(view, event, context);
      break;
    case 'log':
      applyLog(view, event);
      break;
    case 'step.failed':
      applyStepFailed(view, event);
      break;
    case 'limit.hit':
      addMark(view, { t: event.t, kind: 'failure', text: `${nodeOf(event.source)}: ${event.limit}` });
      break;
    case 'store.applied':
      applyStore(view, event);
      break;
    case 'queue.changed':
      applyQueue(view, event);
      break;
    case 'registry.changed':
      applyRegistry(view, event);
      break;
    case 'message.duplicated':
      applyDuplicated(view, event);
      break;
    default:
      applyCall(view, event);
  }
  sweepPackets(view);
}

function applyStore(view: RunView, event: EventOf<'store.applied'>): void {
  const tables = ownCollection(view, 'tables');
  const name = `${event.store}/${event.table}`;
  const table = ownEntry(view, tables, name, (old) => new Map(old)) ?? putEntry(view, tables, name, new Map());
  if (event.after === null) table.delete(event.key);
  else if (table.size < LIMITS.rowsPerTable || table.has(event.key)) table.set(event.key, event.after);
  else view.dropped.rows += 1;
  nodeView(view, event.store).lastWriteAt = event.t;
}

function applyQueue(view: RunView, event: EventOf<'queue.changed'>): void {
  const broker = nodeOf(event.source);
  const { queue, bindings, ready, unacked, dead, consumers } = event;
  const state = { queue, broker, bindings, ready, unacked, dead, consumers };
  putEntry(view, ownCollection(view, 'queues'), `${broker}/${queue}`, state);
}

function applyRegistry(view: RunView, event: EventOf<'registry.changed'>): void {
  const registry = nodeOf(event.source);
  const { service, instance, address, status, expiresAt } = event;
  const entries = ownCollection(view, 'registry');
  const key = `${registry}/${instance}`;
  if (status === 'gone') entries.delete(key);
  else putEntry(view, entries, key, { registry, service, instance, address, status, expiresAt });
}

/** The projection of all events at or before `t`, from the first one. */
export function foldTo(events: readonly LogEvent[], t: VirtualTime, context: FoldContext): RunView {
  const view = createRunView();
  let current = context;
  for (const event of events) {
    if (event.t > t) break;
    applyEvent(view, event, current);
    current = nextContext(current, event);
  }
  if (Number.isFinite(t)) view.t = t;
  return view;
}

/** What was read from the view until now will never change: the next change copies first. Call once per frame. */
export function freezeView(view: RunView): void {
  if (view.owned.size > 0) view.owned = new Set();
}

/** An independent projection with the same content; costs one shallow copy of the collections of dots, nothing else. */
export function copyView(view: RunView): RunView {
  freezeView(view);
  return { ...view, packets: new Map(view.packets), dropped: { ...view.dropped }, owned: new Set() };
}
