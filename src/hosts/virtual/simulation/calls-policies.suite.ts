import type { VirtualTime } from '../../../core/base/order.ts';
import type { EventOf } from '../../../core/fabric/event.ts';
import { nodeOf, type InstanceId } from '../../../core/fabric/message.ts';
import type { CallsRun } from './calls-run.suite.ts';
import { BREAKER_PERMITS, BUCKET, CACHE_MS, PLACES, RETRY_PERCENT } from './calls-variants.suite.ts';

/** I3: between turning half-open and leaving that state a breaker lets at most its permits through. */
export function probesOfBreakers({ events }: CallsRun): string[] {
  const problems: string[] = [];
  /** Probes of the present half-open episode, by instance and target. */
  const episodes = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'instance.starting')
      for (const key of episodes.keys()) if (key.startsWith(`${event.instance} `)) episodes.delete(key);
    if (event.type === 'breaker.changed') {
      const key = `${event.source} ${JSON.stringify(event.to)}`;
      if (event.state !== 'half-open') episodes.delete(key);
      else if (!episodes.has(key)) episodes.set(key, 0);
    }
    if (event.type !== 'span.started' || event.kind !== 'CLIENT') continue;
    const key = `${event.source} ${JSON.stringify(event.attributes['server.address'] ?? null)}`;
    const probes = episodes.get(key);
    if (probes === undefined) continue;
    episodes.set(key, probes + 1);
    if (probes + 1 > BREAKER_PERMITS) problems.push(`${key}: probe ${probes + 1} of ${BREAKER_PERMITS} at ${event.t}`);
  }
  return problems;
}

/** I4: in any stretch of time at most the full bucket and what was filled in meanwhile. */
export function bucketBound({ events, features }: CallsRun): string[] {
  if (!features.rateLimit) return [];
  const problems: string[] = [];
  const allowed = new Map<string, number[]>();
  for (const event of events) {
    if (event.type === 'instance.starting')
      for (const key of allowed.keys()) if (key.startsWith(`${event.instance} `)) allowed.delete(key);
    if (event.type !== 'limit.decided' || !event.allowed) continue;
    const key = `${event.source} ${event.key}`;
    const times = allowed.get(key) ?? [];
    times.push(event.t);
    allowed.set(key, times);
    for (let first = times.length - 1; first >= 0; first--) {
      const fills = Math.floor((event.t - (times[first] as number)) / (BUCKET.fillIntervalMs * 1000)) + 1;
      const most = BUCKET.maxTokens + fills * BUCKET.tokensPerFill;
      if (times.length - first > most) problems.push(`${key}: ${times.length - first} requests where ${most} may pass`);
    }
  }
  return problems;
}

/** I5: retries under way at once are at most max(3, the share of calls under way). */
export function retryBudget({ events, features }: CallsRun): string[] {
  if (!features.retries) return [];
  const problems: string[] = [];
  const calls = new Map<InstanceId, Set<string>>();
  const retries = new Map<InstanceId, Set<string>>();
  const of = (map: Map<InstanceId, Set<string>>, source: InstanceId): Set<string> => {
    const known = map.get(source) ?? new Set<string>();
    map.set(source, known);
    return known;
  };
  for (const event of events) {
    if (event.type === 'instance.starting') {
      calls.delete(event.instance);
      retries.delete(event.instance);
    }
    if (event.type === 'span.ended') {
      calls.get(event.source)?.delete(event.spanId);
      retries.get(event.source)?.delete(event.spanId);
    }
    // Calls over gRPC have no budget here.
    if (event.type !== 'span.started' || event.kind !== 'CLIENT' || 'rpc.system' in event.attributes) continue;
    of(calls, event.source).add(event.spanId);
    if (event.attributes['http.request.resend_count'] === undefined) continue;
    const under = of(retries, event.source).add(event.spanId).size;
    const most = Math.max(3, Math.ceil((of(calls, event.source).size * RETRY_PERCENT) / 100));
    if (under > most) problems.push(`${event.source}: ${under} retries at once of ${most} at ${event.t}`);
  }
  return problems;
}

/** No more are served at once, and no more wait, than there are places. */
export function placesBound({ events }: CallsRun): string[] {
  return events.flatMap((event) =>
    event.type === 'pool.changed' &&
    event.pool === 'concurrency' &&
    (event.active > PLACES.limit || event.queued > PLACES.maxQueued || event.active < 0)
      ? [`${event.source}: ${event.active} served and ${event.queued} waiting`]
      : [],
  );
}

interface Known {
  /** Instances, and the addresses under which they were given: of one that has moved, the caller finds nobody there. */
  list: string[];
  /** What it had before `at`. */
  former: string[];
  at: number;
  /** When it last asked. */
  asked: number;
}

/** What callers know of services: the last list that reached them, in the order in which things reach them. */
class Lists {
  readonly known = new Map<string, Known>();
  private coming: EventOf<'message.sent'>[] = [];
  /** Of callers that stand still: heard when they go on. */
  private held: EventOf<'message.sent'>[] = [];
  private readonly paused = new Set<InstanceId>();
  /** The open blocking query of each caller about each service; `until`: by when it has heard that the registry which held it is gone. */
  private readonly questions = new Map<string, { message: string; until: VirtualTime | null }>();

  /** Everything that arrived before `t`. */
  until(t: VirtualTime): void {
    for (let next = this.coming[0]; next !== undefined && next.arriveAt <= t; next = this.coming[0]) {
      this.coming.shift();
      if (this.paused.has(next.to)) this.held.push(next);
      else this.hear(next, next.arriveAt);
    }
  }

  send(event: EventOf<'message.sent'>): void {
    this.coming.push(event);
    this.coming.sort((a, b) => a.arriveAt - b.arriveAt);
  }

  /** A blocking query of a caller is open: it will hear of a change. */
  follow(key: string, question: string): void {
    this.questions.set(key, { message: question, until: null });
  }

  follows(key: string, t: VirtualTime): boolean {
    const question = this.questions.get(key);
    return question !== undefined && (question.until === null || t <= question.until);
  }

  /** A connection that broke took it along. */
  drop(message: string): void {
    for (const [key, question] of this.questions) if (question.message === message) this.questions.delete(key);
    this.coming = this.coming.filter(({ source, seq }) => `${source}:${seq}` !== message);
  }

  asked(key: string, t: VirtualTime): void {
    this.known.set(key, { ...(this.known.get(key) ?? { list: [], former: [], at: -Infinity }), asked: t });
  }

  begin(instance: InstanceId, t: VirtualTime): void {
    this.paused.delete(instance);
    // Another Consul knows no question of the one before; who stands still hears of it when it goes on.
    if (instance.startsWith('consul#'))
      for (const [key, question] of this.questions)
        question.until ??= this.paused.has(askerOf(key)) ? Infinity : t + NEWS_US;
    this.held = this.held.filter(({ to }) => to !== instance);
    for (const key of [...this.known.keys(), ...this.questions.keys()])
      if (askerOf(key) === instance) {
        this.known.delete(key);
        this.questions.delete(key);
      }
  }

  pause(instance: InstanceId): void {
    this.paused.add(instance);
  }

  resume(instance: InstanceId, t: VirtualTime): void {
    this.paused.delete(instance);
    const mine = this.held.filter(({ to }) => to === instance);
    this.held = this.held.filter(({ to }) => to !== instance);
    for (const [key, question] of this.questions)
      if (question.until !== null && askerOf(key) === instance) question.until = t + HELD_US;
    // What was held is heard a microsecond apart.
    for (const event of mine) this.hear(event, t + HELD_US);
  }

  private hear({ payload, to, inReplyTo }: EventOf<'message.sent'>, at: VirtualTime): void {
    if (payload.kind !== 'registry.result') return;
    const key = `${to} ${payload.service}`;
    if (this.questions.get(key)?.message === inReplyTo) this.questions.delete(key);
    const list = payload.addresses.flatMap(({ instance, address }) => [instance, `${nodeOf(instance)}#${address}`]);
    const before = this.known.get(key);
    // Of two that come at one instant, the first is gone by before the second is heard.
    const both = before?.at === at ? [...before.list, ...list] : list;
    this.known.set(key, { list: both, former: before?.list ?? [], at, asked: before?.asked ?? -Infinity });
  }
}
const askerOf = (key: string): InstanceId => key.slice(0, key.indexOf(' '));
/** A neighbour hears of a death within the shortest time of a link. */
const NEWS_US = 500;
/** More than anything that is held waits after the resuming. */
const HELD_US = 500;

/** A request whose sender goes by a registry's list: clients go by DNS. */
const isAsking = ({ payload, from }: EventOf<'message.sent'>): boolean =>
  payload.kind === 'http.request' || (payload.kind === 'grpc.request' && nodeOf(from) === 'orders');

/** I8, SR8: a caller goes by the last list that it was given, and by an old one only while the registry does not answer. */
export function staleHosts({ events, topology }: CallsRun): string[] {
  const problems: string[] = [];
  const lists = new Lists();
  for (const event of events) {
    lists.until(event.t);
    if (event.type === 'instance.starting') lists.begin(event.instance, event.t);
    else if (event.type === 'instance.paused') lists.pause(event.instance);
    else if (event.type === 'instance.resumed') lists.resume(event.instance, event.t);
    else if (event.type === 'message.refused') lists.drop(event.message);
    if (event.type !== 'message.sent') continue;
    const { payload, from, to, fate } = event;
    if (payload.kind === 'registry.discover') {
      lists.asked(`${from} ${payload.service}`, event.t);
      if ((payload.index ?? 0) > 0) lists.follow(`${from} ${payload.service}`, `${event.source}:${event.seq}`);
    }
    if (payload.kind === 'registry.result' && fate === 'deliver') lists.send(event);
    // Checks go by a list of their own, which is an interval older at most.
    if (!isAsking(event) || event.operation.startsWith('check ') || topology.nodes[nodeOf(to)]?.kind !== 'service')
      continue;
    const caller = lists.known.get(`${from} ${nodeOf(to)}`);
    const list = caller !== undefined && event.t <= caller.at ? [...caller.list, ...caller.former] : caller?.list;
    if (caller === undefined || list?.includes(to) !== true)
      problems.push(`${from} asks ${to} at ${event.t}, which its list does not have (${caller?.list.join(' ')})`);
    else if (
      event.t > caller.at + CACHE_MS * 1000 &&
      caller.asked <= caller.at &&
      !lists.follows(`${from} ${nodeOf(to)}`, event.t)
    )
      problems.push(`${from} asks ${to} at ${event.t} by a list of ${caller.at} and has not asked for another`);
  }
  return problems;
}
