import type { EventOf } from '../fabric/event.ts';
import { nodeOf, type InstanceId } from '../fabric/message.ts';
import { addMark, instanceView, nodeView } from './fold-nodes.ts';
import { LIMITS } from './limits.ts';
import { ownCollection, ownEntry, putEntry } from './own.ts';
import type { BreakerView, LimitView, RunView } from './view.ts';

type CallEvent = EventOf<
  | 'breaker.changed'
  | 'pool.changed'
  | 'limit.decided'
  | 'host.ejected'
  | 'host.returned'
  | 'panic.changed'
  | 'retry.decided'
  | 'probe.changed'
  | 'instance.paused'
  | 'instance.resumed'
  | 'release.changed'
>;

/** Behind the id of a message: the id of the copy that the network made of it. */
export const COPY = '+copy';

/** Applies what callers, limits, probes and releases say about themselves. */
export function applyCall(view: RunView, event: CallEvent): void {
  switch (event.type) {
    case 'breaker.changed':
      return applyBreaker(view, event);
    case 'pool.changed': {
      const { source: instance, pool, name, active, queued, limit, refused, protocol = 'http' } = event;
      const state = { instance, pool, name, active, queued, limit, refused };
      putEntry(view, ownCollection(view, 'pools'), `${instance} ${pool} ${name} ${protocol}`, state);
      return;
    }
    case 'limit.decided':
      return applyLimit(view, event);
    case 'host.ejected': {
      const { source: caller, to, instance, reason, until, protocol = 'http' } = event;
      putEntry(view, ownCollection(view, 'ejections'), `${caller} ${instance} ${protocol}`, {
        caller,
        to,
        instance,
        reason,
        until,
      });
      const text = `${nodeOf(caller)}: ${instance} ejected, ${reason}`;
      addMark(view, { t: event.t, kind: 'ejection', text, values: { node: nodeOf(caller), instance, reason } });
      return;
    }
    case 'host.returned':
      ownCollection(view, 'ejections').delete(`${event.source} ${event.instance} ${event.protocol ?? 'http'}`);
      return;
    case 'panic.changed': {
      const panics = ownCollection(view, 'panics');
      const key = `${event.source} ${event.to} ${event.protocol ?? 'http'}`;
      if (event.panicking) panics.set(key, event.to);
      else panics.delete(key);
      return;
    }
    case 'retry.decided': {
      const node = nodeView(view, nodeOf(event.source));
      if (event.refused === null) node.retries += 1;
      // All allowed tries were made: nothing was forbidden.
      else if (!event.refused.startsWith('attempts:')) node.retriesRefused += 1;
      return;
    }
    case 'probe.changed':
      return applyProbe(view, event);
    case 'instance.paused':
    case 'instance.resumed': {
      const mine = instanceView(view, event.instance);
      if (mine !== undefined) mine.paused = event.type === 'instance.paused';
      return;
    }
    case 'release.changed': {
      const { node, version, done, total } = event;
      putEntry(view, ownCollection(view, 'releases'), node, { node, version, done, total });
      const values = { node, version, done: String(done), total: String(total) };
      addMark(view, { t: event.t, kind: 'release', text: `${node}: ${version} on ${done} of ${total}`, values });
    }
  }
}

function applyBreaker(view: RunView, event: EventOf<'breaker.changed'>): void {
  const breakers = ownCollection(view, 'breakers');
  const { source: instance, call, to, state, failureRate, slowRate, calls, until } = event;
  const key = `${instance} ${call}`;
  const before: BreakerView | undefined = breakers.get(key);
  const since = before?.state === state ? before.since : event.t;
  putEntry(view, breakers, key, { instance, call, to, state, failureRate, slowRate, calls, until, since });
  if (state !== 'open' || before?.state === 'open') return;
  const node = nodeOf(instance);
  addMark(view, { t: event.t, kind: 'breaker', text: `${node}: breaker to ${to} opened`, values: { node, to } });
}

function applyLimit(view: RunView, event: EventOf<'limit.decided'>): void {
  const limits = ownCollection(view, 'limits');
  const node = nodeOf(event.source);
  const { route, algorithm, limit, key, remaining, retryAt } = event;
  const name = `${node} ${route ?? '*'}`;
  const mine: LimitView =
    ownEntry(view, limits, name, (old) => ({ ...old, history: [...old.history] })) ??
    putEntry(view, limits, name, {
      node,
      route,
      algorithm,
      limit,
      allowed: 0,
      refused: 0,
      key,
      remaining,
      retryAt,
      history: [],
    });
  Object.assign(mine, { algorithm, limit, key, remaining, retryAt });
  if (event.allowed) mine.allowed += 1;
  else mine.refused += 1;
  mine.history.push(limit === 0 ? 0 : Math.round((remaining / limit) * 1000));
  if (mine.history.length > LIMITS.limitHistory) mine.history.shift();
}

function applyProbe(view: RunView, event: EventOf<'probe.changed'>): void {
  const { instance, probe, passing, reason } = event;
  putEntry(view, ownCollection(view, 'probes'), `${instance} ${probe}`, { instance, probe, passing, reason });
  if (!passing) {
    const text = `${instance}: ${probe} probe failed, ${reason}`;
    addMark(view, { t: event.t, kind: 'probe', text, values: { instance, probe, reason } });
  }
  if (probe !== 'readiness') return;
  const mine = instanceView(view, instance);
  if (mine !== undefined) mine.unready = passing ? null : reason;
}

/** The copy of a message travels like the message itself, to its own arrival. */
export function applyDuplicated(view: RunView, event: EventOf<'message.duplicated'>): void {
  const original = view.messages.get(event.message);
  if (original === undefined) return;
  const id = event.message + COPY;
  view.packets.set(id, { ...original, id, arriveAt: event.arriveAt });
}

/** A new incarnation begins with empty memory: what its predecessor knew of breakers, places and hosts is gone. */
export function forgetMemory(view: RunView, instance: InstanceId): void {
  for (const name of ['breakers', 'pools', 'ejections', 'panics', 'probes'] as const) {
    if (![...view[name].keys()].some((key) => key.startsWith(`${instance} `))) continue;
    const mine = ownCollection(view, name);
    for (const key of mine.keys()) if (key.startsWith(`${instance} `)) mine.delete(key);
  }
}
