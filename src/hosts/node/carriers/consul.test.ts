import { createServer, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AskingInbox } from '../asking-inbox.ts';
import { consulCarrier } from './consul.ts';

/** A port that nobody listens on. */
const closedPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** Answers as Consul's HTTP API does, from what was registered. */
describe('Consul adapter', () => {
  const registered = new Map<string, Record<string, unknown>>();
  const asked: string[] = [];
  const learned: [string, string][] = [];
  const bodyOf = async (request: IncomingMessage): Promise<string> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    return text;
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const url = request.url ?? '';
      asked.push(`${request.method} ${url}`);
      const id = decodeURIComponent(url.split('/').at(-1) ?? '');
      if (url === '/v1/agent/service/register') {
        const entry = JSON.parse(body) as Record<string, unknown>;
        registered.set(String(entry['ID']), entry);
        response.end();
      } else if (url.startsWith('/v1/agent/service/deregister/')) {
        registered.delete(id);
        response.end();
      } else if (url.startsWith('/v1/agent/service/')) {
        response.writeHead(registered.has(id) ? 200 : 404).end(registered.has(id) ? '{}' : 'unknown service ID');
      } else if (url.startsWith('/v1/health/service/')) {
        const name = url.split('/').at(-1)?.split('?')[0];
        // What has this index already has to wait: for ever, as far as a test goes.
        if (url.includes(`index=${registered.size}&`)) return;
        response.writeHead(200, { 'x-consul-index': String(registered.size) }).end(
          JSON.stringify(
            [...registered.values()]
              .filter((one) => one['Name'] === name)
              .reverse()
              .map((Service) => ({ Service })),
          ),
        );
      } else response.writeHead(500).end();
    });
  });
  let port = 0;
  const inbox = new AskingInbox();
  const carrierOf = (instance: string, at = port) =>
    consulCarrier(inbox, {
      host: '127.0.0.1',
      port: at,
      instance,
      onAddress: (one, address) => void learned.push([one, address]),
    });

  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', () => {
          const address = server.address();
          port = typeof address === 'object' && address ? address.port : 0;
          resolve();
        });
      }),
  );
  afterAll(() => void server.close());
  beforeEach(() => {
    registered.clear();
    asked.length = 0;
    learned.length = 0;
  });

  test('registers with an HTTP check on /readyz and is found by name, sorted by instance', async () => {
    for (const [instance, address] of [
      ['user#b', '10.0.0.2:8001'],
      ['user#a', '10.0.0.1:8001'],
    ] as const) {
      const answer = await inbox.ask(carrierOf(instance), {
        kind: 'registry.register',
        service: 'user',
        address,
        ttlMs: 5000,
      });
      expect(answer).toEqual({ kind: 'registry.ok' });
    }
    expect(registered.get('user#a')).toMatchObject({
      Name: 'user',
      Address: '10.0.0.1',
      Port: 8001,
      Check: { HTTP: 'http://10.0.0.1:8001/readyz', Interval: '2s' },
    });
    const found = await inbox.ask(carrierOf('gateway#x'), { kind: 'registry.discover', service: 'user' });
    const addresses = [
      { instance: 'user#a', address: '10.0.0.1:8001' },
      { instance: 'user#b', address: '10.0.0.2:8001' },
    ];
    expect(found).toEqual({ kind: 'registry.result', service: 'user', addresses });
    expect(learned).toHaveLength(2);
    expect(asked.at(-1)).toBe('GET /v1/health/service/user?passing=true');
  });

  test('SR3: a blocking query goes out with index and wait and brings the index; one that is open does not hold up the end', async () => {
    await inbox.ask(carrierOf('user#a'), {
      kind: 'registry.register',
      service: 'user',
      address: '10.0.0.1:1',
      ttlMs: 1,
    });
    const carrier = carrierOf('gateway#x');
    const find = { kind: 'registry.discover', service: 'user', waitMs: 300_000 } as const;
    expect(await inbox.ask(carrier, { ...find, index: 0 })).toMatchObject({ index: 1 });
    expect(asked.at(-1)).toBe('GET /v1/health/service/user?passing=true');
    expect(await inbox.ask(carrier, { ...find, index: 7 })).toMatchObject({ index: 1 });
    expect(asked.at(-1)).toBe('GET /v1/health/service/user?passing=true&index=7&wait=300000ms');
    const open = inbox.ask(carrier, { ...find, index: 1 });
    await expect.poll(() => asked.at(-1)).toContain('index=1&');
    await carrier.close();
    expect(await open).toBe('connection_reset');
  });

  test('a heartbeat registers again what a restarted Consul has forgotten', async () => {
    const carrier = carrierOf('user#a');
    await inbox.ask(carrier, { kind: 'registry.register', service: 'user', address: '10.0.0.1:8001', ttlMs: 5000 });
    registered.clear();
    await inbox.ask(carrier, { kind: 'registry.heartbeat', service: 'user' });
    expect([...registered.keys()]).toEqual(['user#a']);
  });

  test('a deregistration under way is heard before the connection is let go', async () => {
    const carrier = carrierOf('user#a');
    await inbox.ask(carrier, { kind: 'registry.register', service: 'user', address: '10.0.0.1:8001', ttlMs: 5000 });
    void inbox.ask(carrier, { kind: 'registry.deregister', service: 'user' });
    await carrier.close();
    expect(registered.size).toBe(0);
  });

  test('no Consul is a refused connection', async () => {
    expect(
      await inbox.ask(carrierOf('user#a', await closedPort()), { kind: 'registry.discover', service: 'user' }),
    ).toBe('connection_refused');
  });
});
