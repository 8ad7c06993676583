import type { EventOf, LogEvent } from '../../../core/fabric/event.ts';
import type { InstanceId } from '../../../core/fabric/message.ts';
import { nodeOf } from '../../../core/fabric/message.ts';
import { faultKey } from '../../../core/topology/schema/fault.ts';
import type { Fault } from '../../../core/topology/schema/types.ts';
import type { CallsRun } from './calls-run.suite.ts';

/** Faults do what they say: nothing passes a partition or a link that loses everything, nobody acts while it stands still, no latency is below the minimum. */
export function brokenFaults({ events, topology }: CallsRun): string[] {
  const problems: string[] = [...orderKept(events), ...livesKept(events)];
  const set = new Map<string, Fault>();
  const paused = new Set<InstanceId>();
  const slowed = new Set<string>();
  /** What somebody did who stands still, unless that ends at the same instant. */
  let moved: { source: InstanceId; t: number; type: string }[] = [];
  for (const event of events) {
    if (event.type === 'input' && event.input.kind === 'fault.set') {
      set.set(faultKey(event.input.fault), event.input.fault);
      if (event.input.fault.kind === 'slow') slowed.add(event.input.fault.node);
    } else if (event.type === 'input' && event.input.kind === 'fault.clear') set.delete(faultKey(event.input.fault));
    else if (event.type === 'instance.paused') paused.add(event.instance);
    else if (event.type === 'instance.resumed') {
      paused.delete(event.instance);
      moved = moved.filter(({ source, t }) => source !== event.instance || t < event.t);
    } else if (event.type === 'instance.crashed' || event.type === 'instance.stopped') paused.delete(event.instance);
    else if (event.type !== 'message.refused' && paused.has(event.source)) moved.push(event);
    if (event.type === 'span.started' && event.kind === 'SERVER' && event.parentSpanId !== null)
      // What a slow node had accepted before the outage it may handle in it.
      if (set.has(`${nodeOf(event.source)}/outage`) && !slowed.has(nodeOf(event.source)))
        problems.push(`${event.source} serves at ${event.t} in an outage`);
    if (event.type === 'message.sent') problems.push(...sentUnder(event, set, topology.links[event.link ?? '']));
    if (event.type === 'message.refused' && event.reason === 'connection_refused' && event.cause === undefined)
      continue;
  }
  return [...problems, ...moved.map(({ source, t, type }) => `${source} stands still and does ${type} at ${t}`)];
}

function sentUnder(
  event: EventOf<'message.sent'>,
  set: ReadonlyMap<string, Fault>,
  link: CallsRun['topology']['links'][string] | undefined,
): string[] {
  if (link === undefined || event.link === null) return [];
  const problems: string[] = [];
  const what = `${event.operation} over ${event.link} at ${event.t}`;
  if (event.arriveAt - event.t < link.latency.minUs) problems.push(`${what} is faster than its link`);
  if (event.fate !== 'deliver') {
    if (event.cause === undefined) problems.push(`${what} is ${event.fate} without a cause`);
    return problems;
  }
  const cut = set.get(`${event.link}/partition`);
  const direction = nodeOf(event.from) === link.from ? 'forward' : 'backward';
  if (cut?.kind === 'partition' && (cut.direction === 'both' || cut.direction === direction))
    problems.push(`${what} passes a partition`);
  const loss = set.get(`${event.link}/loss`);
  if (loss?.kind === 'loss' && loss.rate === 1) problems.push(`${what} passes a link that loses everything`);
  return problems;
}

/** A stuck connection is given up after so long. µs */
const GIVEN_UP = 12_600_000;

/** Callers before those whom they call. */
const CALLERS_FIRST = ['app', 'gateway', 'orders', 'prices', 'consul'];
/** Who was called over a connection: an outage there ends it, one at the other end does not. */
function listenerOf(key: string): string {
  const [a = '', b = ''] = key.split(' ').map(nodeOf);
  return CALLERS_FIRST.indexOf(a) > CALLERS_FIRST.indexOf(b) ? a : b;
}

/** A connection to the registry, and one of gRPC, keeps order, and delivers nothing behind a gap until it is given up or one of its ends begins anew. */
function orderKept(events: readonly LogEvent[]): string[] {
  const problems: string[] = [];
  const last = new Map<string, number>();
  const gaps = new Map<string, number>();
  /** Ends of instances, with their time: what was sent to one at that instant had a new connection. */
  const ends = new Set(
    events.flatMap((event) =>
      event.type === 'instance.crashed' || event.type === 'instance.stopped' ? [`${event.instance} ${event.t}`] : [],
    ),
  );
  const forget = (end: string): void => {
    for (const map of [last, gaps]) for (const key of map.keys()) if (key.split(' ').includes(end)) map.delete(key);
  };
  const cutOff = (node: string): void => {
    for (const map of [last, gaps]) for (const key of map.keys()) if (listenerOf(key) === node) map.delete(key);
  };
  /** A connection that is given up takes both of its directions along. */
  const giveUp = (from: string, to: string, now: number): void => {
    const both = [`${from} ${to}`, `${to} ${from}`];
    if (!both.some((key) => now >= (gaps.get(key) ?? Infinity) + GIVEN_UP)) return;
    for (const map of [last, gaps]) for (const key of both) map.delete(key);
  };
  for (const event of events) {
    if (event.type === 'instance.crashed' || event.type === 'instance.stopped') forget(event.instance);
    if (event.type === 'input' && event.input.kind === 'fault.set' && event.input.fault.kind === 'outage')
      cutOff(event.input.fault.node);
    if (event.type !== 'message.sent' || event.payload.kind.startsWith('http.')) continue;
    if (ends.has(`${event.to} ${event.t}`) || ends.has(`${event.from} ${event.t}`)) continue;
    const key = `${event.from} ${event.to}`;
    giveUp(event.from, event.to, event.t);
    if (event.fate !== 'deliver') {
      if (!gaps.has(key)) gaps.set(key, event.t);
      continue;
    }
    if (gaps.has(key))
      problems.push(`${event.operation} from ${event.from} at ${event.t} passes a gap of ${gaps.get(key)}`);
    if (event.arriveAt < (last.get(key) ?? -Infinity))
      problems.push(`${event.operation} from ${event.from} at ${event.t} overtakes`);
    last.set(key, event.arriveAt);
  }
  return problems;
}

/** RP4: readiness never ends an instance. A moved instance has a new address. */
function livesKept(events: readonly LogEvent[]): string[] {
  const problems: string[] = [];
  const addresses = new Map<InstanceId, string>();
  const moved = new Map<InstanceId, number>();
  for (const event of events) {
    if (event.type === 'instance.crashed' && event.reason.startsWith('readiness'))
      problems.push(`${event.instance}: ${event.reason}`);
    if (event.type === 'input' && event.input.kind === 'instance.move') moved.set(event.input.instance, event.t);
    if (event.type !== 'instance.starting') continue;
    const { instance, address } = event;
    const before = addresses.get(instance);
    addresses.set(instance, address);
    if (before !== undefined && (before === address) === (moved.get(instance) === event.t))
      problems.push(`${instance} was at ${before} and starts at ${address}`);
  }
  return problems;
}
