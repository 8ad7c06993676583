import { createServer, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AskingInbox } from '../asking-inbox.ts';
import { eurekaCarrier } from './eureka.ts';

/** Answers as Eureka's REST operations do, from what was registered: names in upper case, one instance without its list, 404 for who is unknown. */
const apps = new Map<string, Map<string, Record<string, unknown>>>();
const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};
const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    const [, , , , app = '', id = ''] = (request.url ?? '').split('/').map(decodeURIComponent);
    const known = apps.get(app) ?? new Map<string, Record<string, unknown>>();
    if (request.method === 'POST') {
      const { instance } = JSON.parse(body) as { instance: Record<string, unknown> };
      apps.set(app, known.set(String(instance['instanceId']), instance));
      response.writeHead(204).end();
    } else if (request.method === 'PUT') response.writeHead(known.has(id) ? 200 : 404).end();
    else if (request.method === 'DELETE') response.writeHead(known.delete(id) ? 200 : 404).end();
    else if (known.size === 0) response.writeHead(404).end();
    else {
      const list = [...known.values()].reverse();
      const instance = list.length === 1 ? list[0] : list;
      response.end(JSON.stringify({ application: { name: app, instance } }));
    }
  });
});
const inbox = new AskingInbox();
const learned: [string, string][] = [];
let port = 0;
const carrierOf = (instance: string) =>
  eurekaCarrier(inbox, {
    host: '127.0.0.1',
    port,
    instance,
    renewalMs: 30_000,
    onAddress: (one, address) => void learned.push([one, address]),
  });

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});
afterAll(() => server.close());

test('registers, renews, is found and cancels by the REST operations; who is unknown has to register again', async () => {
  const one = carrierOf('user#1');
  const two = carrierOf('user#2');
  const ask = (carrier: typeof one, payload: Parameters<typeof inbox.ask>[1]) => inbox.ask(carrier, payload);
  const beat = { kind: 'registry.heartbeat', service: 'user' } as const;
  const find = { kind: 'registry.discover', service: 'user' } as const;
  expect(await ask(one, beat)).toEqual({ kind: 'registry.unknown', service: 'user' });
  expect(await ask(one, find)).toEqual({ kind: 'registry.result', service: 'user', addresses: [] });
  const register = { kind: 'registry.register', service: 'user', ttlMs: 90_000 } as const;
  await ask(one, { ...register, address: '10.0.0.1:8001' });
  expect(await ask(one, beat)).toEqual({ kind: 'registry.ok' });
  expect(await ask(two, find)).toMatchObject({ addresses: [{ instance: 'user#1', address: '10.0.0.1:8001' }] });
  await ask(two, { ...register, address: '10.0.0.2:8001' });
  expect(await ask(one, find)).toMatchObject({ addresses: [{ instance: 'user#1' }, { instance: 'user#2' }] });
  expect(learned.at(-1)?.[1]).toMatch(/^10\.0\.0\.[12]:8001$/);
  expect(apps.get('USER')?.get('user#1')).toMatchObject({
    status: 'UP',
    leaseInfo: { durationInSecs: 90, renewalIntervalInSecs: 30 },
  });
  await ask(one, { kind: 'registry.deregister', service: 'user' });
  expect(await ask(two, find)).toMatchObject({ addresses: [{ instance: 'user#2' }] });
  await Promise.all([one.close(), two.close()]);
});
