import type { VirtualTime } from '../base/order.ts';
import type { EventOf } from '../fabric/event.ts';
import { nodeOf } from '../fabric/message.ts';
import { faultKey, faultTarget, faultWords } from '../topology/schema/fault.ts';
import { LIMITS } from './limits.ts';
import { ownCollection, ownEntry, putEntry } from './own.ts';
import type { InstanceView, MarkView, NodeView, RunView } from './view.ts';

const copyNode = (old: NodeView): NodeView => ({
  ...old,
  byStatus: { ...old.byStatus },
  byCode: { ...old.byCode },
  byRoute: { ...old.byRoute },
  byUpstream: { ...old.byUpstream },
  answers: { ...old.answers },
  byOperation: { ...old.byOperation },
  samples: [...old.samples],
});

/** The figures of `node`, made safe to change; begun with zeros at the first event about it. */
export function nodeView(view: RunView, node: string): NodeView {
  const nodes = ownCollection(view, 'nodes');
  return (
    ownEntry(view, nodes, node, copyNode) ??
    putEntry(view, nodes, node, {
      node,
      handled: 0,
      sent: 0,
      failed: 0,
      busyUs: 0,
      failure: null,
      refused: 0,
      refusal: null,
      byStatus: {},
      byCode: {},
      byRoute: {},
      byUpstream: {},
      retries: 0,
      retriesRefused: 0,
      answers: {},
      byOperation: {},
      samples: [],
      lastWriteAt: null,
    })
  );
}

/** The instance, made safe to change; undefined when its start is not in the log. */
export const instanceView = (view: RunView, instance: string): InstanceView | undefined =>
  view.instances.has(instance)
    ? ownEntry(view, ownCollection(view, 'instances'), instance, (old) => ({ ...old }))
    : undefined;

type LifeEvent = EventOf<
  'instance.starting' | 'instance.ready' | 'instance.draining' | 'instance.stopped' | 'instance.crashed'
>;

export function applyLife(view: RunView, event: LifeEvent): void {
  if (event.type === 'instance.starting') {
    const { instance, node, address } = event;
    const before = view.instances.get(instance);
    const started: InstanceView = {
      instance,
      node,
      address,
      status: 'starting',
      reason: null,
      inFlight: 0,
      version: event.version ?? null,
      paused: false,
      unready: null,
      crashes: before?.crashes ?? 0,
      lastCrash: before?.lastCrash ?? null,
    };
    putEntry(view, ownCollection(view, 'instances'), instance, started);
    return;
  }
  const mine = instanceView(view, event.instance);
  if (mine === undefined) return;
  switch (event.type) {
    case 'instance.ready':
      mine.status = 'passing';
      mine.reason = null;
      break;
    case 'instance.draining':
      mine.status = 'draining';
      break;
    case 'instance.stopped':
      mine.status = 'stopped';
      mine.reason = event.reason;
      mine.inFlight = 0;
      break;
    case 'instance.crashed':
      mine.status = 'dead';
      mine.reason = event.reason;
      mine.inFlight = 0;
      mine.crashes += 1;
      mine.lastCrash = event.reason;
      addMark(view, { t: event.t, kind: 'crash', text: `${nodeOf(event.instance)}: ${event.reason}` });
  }
}

export function applyInput(view: RunView, event: EventOf<'input'>): void {
  const { input } = event;
  if (input.kind === 'fault.set') {
    const { fault } = input;
    ownCollection(view, 'faults').set(faultKey(fault), fault);
    addMark(view, { t: event.t, kind: 'fault', text: `${faultTarget(fault)}: ${faultWords(fault)}` });
  } else if (input.kind === 'fault.clear') {
    ownCollection(view, 'faults').delete(faultKey(input.fault));
    addMark(view, { t: event.t, kind: 'fault', text: `${faultTarget(input.fault)}: ${input.fault.kind} 0 %` });
  } else if (input.kind === 'instance.kill') {
    addMark(view, { t: event.t, kind: 'crash', text: input.instance });
  } else if (input.kind === 'request') {
    addMark(view, { t: event.t, kind: 'input', text: input.node });
  }
}

export function addMark(view: RunView, mark: MarkView): void {
  const marks = ownCollection(view, 'marks');
  marks.push(mark);
  if (marks.length > LIMITS.marks) marks.shift();
}

/** Counts a message, a failure or both in their bucket; boot, before 0, is not on the timeline. */
export function countActivity(view: RunView, t: VirtualTime, messages: 0 | 1, failures: 0 | 1): void {
  if (t < 0) return;
  if (!view.owned.has(view.activity)) {
    const old = view.activity;
    view.activity = { bucketUs: old.bucketUs, messages: [...old.messages], failures: [...old.failures] };
    view.owned.add(view.activity);
  }
  const { activity } = view;
  while (t >= activity.bucketUs * LIMITS.activityBuckets) {
    activity.messages = halve(activity.messages);
    activity.failures = halve(activity.failures);
    activity.bucketUs *= 2;
  }
  const bucket = Math.floor(t / activity.bucketUs);
  while (activity.messages.length <= bucket) {
    activity.messages.push(0);
    activity.failures.push(0);
  }
  activity.messages[bucket] = (activity.messages[bucket] ?? 0) + messages;
  activity.failures[bucket] = (activity.failures[bucket] ?? 0) + failures;
}

function halve(counts: number[]): number[] {
  const half: number[] = [];
  for (let index = 0; index < counts.length; index += 2) half.push((counts[index] ?? 0) + (counts[index + 1] ?? 0));
  return half;
}
