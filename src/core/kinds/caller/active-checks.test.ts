import { describe, expect, it } from 'vitest';
import { OUTLIER_DEFAULTS } from '../../balance/presets.ts';
import type { HealthChecks } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, peerOf, serviceRecord } from '../testing/fixtures.ts';
import { createCaller, type CallResult } from './http-caller.ts';
import type { BalancePolicy } from './upstreams.ts';

const MS = 1000;
const healthChecks: HealthChecks = {
  path: '/health',
  intervalMs: 1000,
  timeoutMs: 100,
  unhealthyThreshold: 2,
  healthyThreshold: 2,
};
const isCheck = ({ operation }: { operation: string }): boolean => operation.startsWith('check ');

interface Bench {
  port: FakePort;
  call: () => CallResult[];
  /** Answers the open checks of these instances by ordinal, or all. */
  answer: (status: number, ...ordinals: number[]) => void;
  /** Times of checks in ms, by instance. */
  checks: () => string[];
  told: () => string[];
  policy: BalancePolicy;
}
function bench(more: BalancePolicy = {}, instances = 2): Bench {
  const peers = [
    peerOf('order', 'http', 'out', serviceRecord('order'), instances),
    peerOf('auth', 'http', 'out', serviceRecord('auth'), 1),
  ];
  const port = createFakePort(initOf('gw', serviceRecord('gw'), peers));
  const policy: BalancePolicy = { healthChecks, ...more };
  const caller = createCaller(port, () => policy);
  port.onTimer((token) => void caller.timer(token));
  port.attach(() => ({ receive: (body) => void caller.handles(body), timer: () => undefined, inspect: () => null }));
  const answered = new Set<string>();
  caller.watchHealth(() => new Set(['order']));
  return {
    port,
    policy,
    call() {
      const results: CallResult[] = [];
      const request = { method: 'GET', path: '/orders', headers: {}, body: null };
      caller.call({ to: 'order', request, timeoutMs: 50, trace: null, onDone: (one) => void results.push(one) });
      return results;
    },
    answer(status, ...ordinals) {
      for (const sent of port.sent.filter(isCheck)) {
        if (answered.has(sent.id) || (ordinals.length > 0 && !ordinals.includes(Number(sent.to.slice(-1))))) continue;
        answered.add(sent.id);
        port.reply(sent, { kind: 'http.reply', status, headers: {}, body: null });
      }
    },
    checks: () => port.sent.filter(isCheck).map(({ to, t }) => `${to} ${t / MS}`),
    told: () =>
      port.events.flatMap(({ body }) =>
        body.type === 'host.ejected' || body.type === 'host.returned'
          ? [`${body.type} ${body.instance}`]
          : body.type === 'panic.changed'
            ? [`panic ${body.panicking}`]
            : [],
      ),
  };
}
const went = (port: FakePort): string[] =>
  port.sent.filter((sent) => sent.payload.kind === 'http.request' && !isCheck(sent)).map(({ to }) => to);

describe('GW12 active checks by a caller', () => {
  it('asks every instance at once, then an interval after each result; only upstreams of routes', () => {
    const { port, answer, checks } = bench();
    expect(checks()).toEqual(['order#0 0', 'order#1 0']);
    expect(port.sent[0]).toMatchObject({ link: 'order-link', trace: null, operation: 'check GET /health' });
    port.advance(40 * MS);
    answer(200, 0);
    // The other one runs into its time-out at 100 ms.
    port.advance(1200 * MS);
    expect(checks().slice(2)).toEqual(['order#0 1040', 'order#1 1100']);
  });

  it('uses nobody before a check of it succeeded; too few healthy ones are a panic, in which all are used', () => {
    const { port, answer, call, told } = bench({}, 3);
    answer(200, 0, 2);
    for (let n = 0; n < 4; n += 1) call();
    expect(went(port)).toEqual(['order#0', 'order#2', 'order#0', 'order#2']);
    const other = bench({}, 3);
    other.answer(200, 0);
    other.call();
    other.call();
    expect([other.told(), went(other.port)]).toEqual([['panic true'], ['order#0', 'order#1']]);
    expect(told()).toEqual([]);
  });

  it('with panic off and nobody healthy a call fails at once: no healthy host', () => {
    const { port, call } = bench({ outlierDetection: { ...OUTLIER_DEFAULTS, panicPercent: 0 } });
    const results = call();
    port.advance(1);
    expect(results).toMatchObject([{ ok: false, failure: { code: 'no_healthy_host' } }]);
  });

  it('an unexpected status takes out at once, silence and refusals after the threshold; good ones bring back', () => {
    const { port, answer, told } = bench({}, 3);
    answer(200);
    port.advance(1000 * MS);
    answer(503, 1);
    expect(told()).toEqual(['host.ejected order#1']);
    const open = port.sent.filter(isCheck).findLast(({ to }) => to === 'order#2')!;
    port.deliver({ type: 'refused', message: open.id, to: 'order#2', reason: 'connection_refused' });
    answer(200, 0);
    expect(told()).toHaveLength(1);
    port.advance(1000 * MS);
    answer(200, 0, 1);
    port.deliver({ type: 'peer.down', instance: 'order#2', reason: 'killed' });
    expect(told()).toEqual(['host.ejected order#1', 'host.ejected order#2']);
    port.advance(1000 * MS);
    answer(200);
    expect(told().slice(2)).toEqual(['host.returned order#1']);
    port.advance(1000 * MS);
    answer(200);
    expect(told().slice(3)).toEqual(['host.returned order#2']);
  });

  it('a good check returns whom outlier detection had ejected, long before its time', () => {
    const outlierDetection = { ...OUTLIER_DEFAULTS, consecutive5xx: 1, maxEjectionPercent: 100, panicPercent: 0 };
    const { port, answer, call, told } = bench({ outlierDetection });
    answer(200);
    call();
    const [request] = port.sent.filter((sent) => !isCheck(sent));
    port.reply(request!, { kind: 'http.reply', status: 500, headers: {}, body: null });
    expect(told()).toEqual(['host.ejected order#0']);
    port.advance(1000 * MS);
    answer(200);
    expect(told()).toEqual(['host.ejected order#0', 'host.returned order#0']);
    // The sweep at which it would have returned finds nothing.
    port.advance(40_000 * MS);
    expect(told().filter((one) => one === 'host.returned order#0')).toHaveLength(1);
  });

  it('checks end with the policy, and whom they kept out returns', () => {
    const { port, answer, told, policy, checks } = bench();
    answer(500);
    expect(told()).toEqual(['host.ejected order#0', 'host.ejected order#1']);
    delete policy.healthChecks;
    port.reconfigure(port.init.record, port.init.peers);
    expect(told().slice(2)).toEqual(['host.returned order#0', 'host.returned order#1']);
    const before = checks().length;
    port.advance(5000 * MS);
    expect(checks()).toHaveLength(before);
  });
});
