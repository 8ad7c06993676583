import { describe, expect, test } from 'vitest';
import type { Json } from '../../base/json.ts';
import type { HttpReply } from '../../fabric/message.ts';
import type { AnyExecutableNode, ConfigOf } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, peerOf, serviceRecord } from '../testing/fixtures.ts';
import { jsonReply } from '../testing/gateway-bench.ts';
import { clientActor } from './actor.ts';

const config: ConfigOf<'client'> = {
  clientKind: 'web',
  load: { model: 'open', ratePerSecond: 10, arrival: 'constant' },
  timeoutMs: 1000,
  login: 'log-in',
  requests: [
    { id: 'log-in', name: 'Log in', weight: 0, method: 'POST', path: '/token', body: { client_id: 'web' }, to: 'shop' },
    {
      id: 'orders',
      name: 'Orders',
      weight: 1,
      method: 'GET',
      path: '/api/orders',
      headers: { Authorization: 'Bearer ${ login.body.access_token }' },
      to: 'shop',
    },
  ],
};

/** A client whose requests are answered at once: the n-th login with `token n`, everything else by `answer`. */
class Bench {
  readonly port: FakePort;
  logins = 0;
  login = (): HttpReply => jsonReply({ access_token: `token-${this.logins}`, expires_in: 20 });
  answer = (_authorization: string): HttpReply => jsonReply({});
  private seen = 0;

  constructor(changes: Partial<ConfigOf<'client'>> = {}) {
    const record: AnyExecutableNode = { kind: 'client', name: 'web', config: { ...config, ...changes } };
    this.port = createFakePort(initOf('web', record, [peerOf('shop', 'http', 'out', serviceRecord('shop'))]));
    this.port.attach(clientActor);
    this.port.deliver({ type: 'start' });
  }
  run(us: number): void {
    for (const end = this.port.now() + us; this.port.now() < end;) {
      this.port.advance(Math.min(10_000, end - this.port.now()));
      for (; this.seen < this.port.sent.length; this.seen += 1) {
        const sent = this.port.sent[this.seen];
        if (sent?.payload.kind !== 'http.request') continue;
        const isLogin = sent.payload.path === '/token';
        if (isLogin) this.logins += 1;
        const reply = isLogin ? this.login() : this.answer(sent.payload.headers['authorization'] ?? '');
        this.port.reply(sent, { kind: 'http.reply', ...reply });
      }
    }
  }
  get authorizations(): string[] {
    return this.port
      .sentOf('http.request')
      .flatMap(({ payload }) => (payload.path === '/token' ? [] : [payload.headers['authorization'] ?? '']));
  }
  get complaints(): Json[] {
    return this.port.eventsOf('log').map(({ text }) => text);
  }
}

describe('a client logs in before requests that read its answer', () => {
  test('once for all of them; nobody is sent without', () => {
    const bench = new Bench();
    bench.run(2_000_000);
    expect(bench.logins).toBe(1);
    expect(bench.authorizations.length).toBeGreaterThan(15);
    expect(new Set(bench.authorizations)).toEqual(new Set(['Bearer token-1']));
  });

  test('again when a tenth of its time is left', () => {
    const bench = new Bench();
    bench.run(17_900_000);
    expect(bench.logins).toBe(1);
    bench.run(1_000_000);
    expect(bench.logins).toBe(2);
    expect(bench.authorizations.at(-1)).toBe('Bearer token-2');
  });

  test('again after a 401', () => {
    const bench = new Bench();
    bench.answer = (authorization) => jsonReply({}, authorization === 'Bearer token-1' ? 401 : 200);
    bench.run(1_000_000);
    expect(bench.logins).toBe(2);
    expect(bench.authorizations.slice(0, 3)).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
  });

  test('a login that is refused is said; the next request tries again', () => {
    const bench = new Bench();
    const good = bench.login;
    bench.login = () => jsonReply({}, 401);
    bench.run(350_000);
    expect(bench.authorizations).toEqual([]);
    expect(bench.complaints).toContain('Failed to send Orders: the login was answered 401');
    bench.login = good;
    bench.run(1_000_000);
    expect(bench.authorizations.length).toBeGreaterThan(5);
  });

  test('while the login is silent requests wait for it, and are given up with it', () => {
    const bench = new Bench();
    bench.port.advance(900_000);
    expect(bench.port.sent).toHaveLength(1);
    bench.port.advance(250_000);
    expect(bench.complaints).toHaveLength(10);
    expect(bench.authorizations).toEqual([]);
  });

  test('users of a closed loop share it, wait for it and go on after it failed', () => {
    const bench = new Bench({ load: { model: 'closed', users: 3, thinkTimeMs: 100 } });
    const good = bench.login;
    bench.login = () => jsonReply({}, 503);
    bench.run(500_000);
    expect([bench.authorizations.length, bench.complaints.length > 3]).toEqual([0, true]);
    bench.login = good;
    const before = bench.logins;
    bench.run(1_000_000);
    expect(bench.logins).toBe(before + 1);
    expect(bench.authorizations.length).toBeGreaterThan(20);
  });

  test('an answer without expires_in serves for ever', () => {
    const bench = new Bench();
    bench.login = () => jsonReply({ access_token: 'for-ever' });
    bench.run(60_000_000);
    expect(bench.logins).toBe(1);
  });

  test('without a login such a request is not sent, and that is said', () => {
    const { login: _, ...rest } = config;
    const bench = new Bench();
    bench.port.init = { ...bench.port.init, record: { kind: 'client', name: 'web', config: rest } };
    bench.run(150_000);
    expect(bench.port.sent).toEqual([]);
    expect(bench.complaints).toEqual(['Failed to send Orders: no login']);
  });
});
