import { describe, expect, test } from 'vitest';
import type { EventBody, LogEvent } from '../fabric/event.ts';
import { createRunView, foldContext, foldTo } from './fold.ts';
import { LIMITS } from './limits.ts';
import { SAMPLE_TOPOLOGY } from './sample-log.suite.ts';
import type { RunView } from './view.ts';

const context = foldContext(SAMPLE_TOPOLOGY);
const fold = (...bodies: (EventBody & { source?: string })[]): RunView =>
  foldTo(
    bodies.map((body, seq): LogEvent => ({ t: seq * 10, class: 3, seq, ...body, source: body.source ?? 'order#0' })),
    Infinity,
    context,
  );
const breaker = (state: 'closed' | 'open' | 'half-open', failureRate: number): EventBody => ({
  type: 'breaker.changed',
  call: 'create/charge',
  to: 'payment',
  state,
  failureRate,
  slowRate: 0,
  calls: 10,
  until: state === 'open' ? 99 : null,
});
const starting: EventBody = {
  type: 'instance.starting',
  instance: 'order#0',
  node: 'order',
  address: '192.168.1.5:8000',
  version: 'v2',
};
const decided = (allowed: boolean, remaining: number): EventBody => ({
  type: 'limit.decided',
  route: null,
  key: 'ip 192.168.1.9',
  algorithm: 'token-bucket',
  allowed,
  limit: 4,
  remaining,
  retryAt: allowed ? null : 500,
});

describe('the fold of calls', () => {
  test('a breaker shows its state and since when; opening leaves a mark', () => {
    const view = fold(breaker('closed', 400), breaker('open', 500), breaker('open', 500));
    expect(view.breakers.get('order#0 create/charge')).toMatchObject({ state: 'open', since: 10, until: 99 });
    expect(view.marks).toEqual([
      {
        t: 10,
        kind: 'breaker',
        text: 'order: breaker to payment opened',
        values: { node: 'order', to: 'payment' },
      },
    ]);
  });

  test('an ejection, a step of a release and a failed probe leave marks, a passed probe none', () => {
    const probe = (passing: boolean): EventBody => ({
      type: 'probe.changed',
      instance: 'order#0',
      probe: 'liveness',
      passing,
      reason: 'HTTP 500, 3 in a row',
    });
    const view = fold(
      { type: 'host.ejected', to: 'payment', instance: 'payment#1', reason: '5 failures in a row', until: 9 },
      { type: 'release.changed', node: 'payment', version: 'v2', done: 1, total: 3 },
      probe(true),
      probe(false),
    );
    expect(view.marks.map(({ kind, text }) => [kind, text])).toEqual([
      ['ejection', 'order: payment#1 ejected, 5 failures in a row'],
      ['release', 'payment: v2 on 1 of 3'],
      ['probe', 'order#0: liveness probe failed, HTTP 500, 3 in a row'],
    ]);
  });

  test('what a gateway takes is counted by route when it comes, the shares of a split when it is answered', () => {
    const started = (spanId: string): EventBody => ({
      type: 'span.started',
      traceId: 'a'.repeat(32),
      spanId,
      parentSpanId: null,
      kind: 'SERVER',
      name: 'GET /orders',
      attributes: { 'servarium.route': 'orders' },
      links: [],
      saga: null,
    });
    const ended: EventBody = {
      type: 'span.ended',
      traceId: 'a'.repeat(32),
      spanId: '1',
      status: 'unset',
      description: null,
      attributes: { 'servarium.upstream': 'order-v2' },
    };
    const node = fold(started('1'), started('2'), ended).nodes.get('order');
    expect([node?.byRoute, node?.byUpstream]).toEqual([{ orders: 2 }, { 'orders order-v2': 1 }]);
  });

  test('requests answered before a route took them count as one operation, whatever their raw paths', () => {
    const request = (spanId: string, path: string, route?: string): EventBody => ({
      type: 'span.started',
      traceId: 'a'.repeat(32),
      spanId,
      parentSpanId: null,
      kind: 'SERVER',
      name: `GET ${route ?? path}`,
      attributes: { 'url.path': path, ...(route !== undefined && { 'http.route': route }) },
      links: [],
      saga: null,
    });
    const view = fold(
      request('1', '/orders/1'),
      request('2', '/orders/2'),
      request('3', '/orders/3', '/orders/{id}'),
      request('4', '/orders/4', '/orders/{id}'),
    );
    expect(view.nodes.get('order')?.byOperation).toEqual({ '': 2, 'GET /orders/{id}': 2 });
  });

  test('an instance remembers over its incarnations how often it went down, and why last', () => {
    const crashed = (reason: string): EventBody => ({ type: 'instance.crashed', instance: 'order#0', reason });
    const view = fold(starting, crashed('killed'), starting, crashed('boom'), starting);
    expect(view.instances.get('order#0')).toMatchObject({ status: 'starting', crashes: 2, lastCrash: 'boom' });
  });

  test('a new incarnation knows nothing of the breakers, places and hosts of the one before', () => {
    const ejected: EventBody = {
      type: 'host.ejected',
      to: 'payment',
      instance: 'payment#1',
      reason: '5 times 5xx',
      until: 9,
    };
    const view = fold(breaker('open', 500), ejected, starting);
    expect([view.breakers.size, view.ejections.size]).toEqual([0, 0]);
    expect(view.instances.get('order#0')).toMatchObject({ version: 'v2', paused: false, unready: null });
  });

  test('a limit counts both decisions and keeps what was left', () => {
    const view = fold(decided(true, 3), decided(true, 0), decided(false, 0));
    expect(view.limits.get('order *')).toMatchObject({
      allowed: 2,
      refused: 1,
      remaining: 0,
      retryAt: 500,
      history: [750, 0, 0],
    });
    const many = fold(...Array.from({ length: LIMITS.limitHistory + 5 }, () => decided(true, 1)));
    expect(many.limits.get('order *')?.history).toHaveLength(LIMITS.limitHistory);
  });

  test('retries are tries that follow; refused are those that were forbidden, not those beyond the allowed tries', () => {
    const decided = (refused: string | null): EventBody => ({
      type: 'retry.decided',
      call: 'create/charge',
      to: 'payment',
      attempt: 1,
      reason: 'http_503',
      delayUs: refused === null ? 10 : null,
      refused,
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
    });
    const all = [null, null, 'attempts: 3 of 3 made', 'budget: 3 of 3 retries under way (20 % of 9 calls)'];
    expect(fold(...all.map(decided)).nodes.get('order')).toMatchObject({ retries: 2, retriesRefused: 1 });
  });

  test('readiness says why an instance takes no traffic; a pause that it stands still', () => {
    const probe = (passing: boolean): EventBody => ({
      type: 'probe.changed',
      instance: 'order#0',
      probe: 'readiness',
      passing,
      reason: passing ? 'status 200' : 'status 503, 3 times',
    });
    expect(fold(starting, probe(false)).instances.get('order#0')?.unready).toBe('status 503, 3 times');
    expect(fold(starting, probe(false), probe(true)).instances.get('order#0')?.unready).toBeNull();
    const paused: EventBody = { type: 'instance.paused', instance: 'order#0' };
    expect(fold(starting, paused).instances.get('order#0')?.paused).toBe(true);
    expect(
      fold(starting, paused, { type: 'instance.resumed', instance: 'order#0' }).instances.get('order#0')?.paused,
    ).toBe(false);
  });

  test('events about something unknown show nothing', () => {
    const view = fold(
      { type: 'host.returned', to: 'payment', instance: 'payment#0' },
      { type: 'message.duplicated', message: 'nobody:1', arriveAt: 5 },
      { type: 'instance.paused', instance: 'nobody#0' },
    );
    const empty = createRunView();
    expect([view.packets.size, view.ejections.size, view.instances.size]).toEqual([
      empty.packets.size,
      empty.ejections.size,
      empty.instances.size,
    ]);
  });
});
