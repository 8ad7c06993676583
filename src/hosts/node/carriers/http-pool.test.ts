import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AskingInbox } from '../asking-inbox.ts';
import { consulCarrier } from './consul.ts';
import { httpCarrier } from './http-client.ts';

/** What a connection does with its n-th request: answers, or is closed although it was kept, as a server does whose idle time ended just then. */
type Doing = 'answer' | 'close' | 'silence' | 'half';
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]';

describe('a kept connection that the other side closed while it was idle', () => {
  /** First lines of the requests, by connection. */
  let heard: string[][] = [];
  let doings: Doing[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const mine: string[] = [];
    const doing = doings[heard.length] ?? [];
    heard.push(mine);
    socket.on('data', (chunk) => {
      const what = doing[mine.length] ?? 'answer';
      mine.push(String(chunk).split('\r\n', 1)[0] ?? '');
      if (what === 'answer') socket.write(OK);
      else if (what === 'half') socket.end(OK.slice(0, -1));
      else if (what === 'close') socket.destroy();
    });
  });
  let port = 0;
  const inbox = new AskingInbox();

  beforeEach(async () => {
    heard = [];
    doings = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const consul = () => consulCarrier(inbox, { host: '127.0.0.1', port, instance: 'a#0', onAddress: () => undefined });
  const lookUp = { kind: 'registry.discover', service: 'b' } as const;
  const request = (method: string) => ({ kind: 'http.request', method, path: '/x', headers: {}, body: null }) as const;
  const found = { kind: 'registry.result', service: 'b', addresses: [] };

  test('a lookup at Consul is sent once more, on a fresh connection', async () => {
    doings = [['answer', 'close']];
    const carrier = consul();
    expect(await inbox.ask(carrier, lookUp)).toEqual(found);
    expect(await inbox.ask(carrier, lookUp)).toEqual(found);
    expect(heard.map((requests) => requests.length)).toEqual([2, 1]);
    await carrier.close();
  });

  test('once, not again and again; whoever closes fresh connections, too, is gone', async () => {
    doings = [['answer', 'close'], ['close']];
    const carrier = consul();
    await inbox.ask(carrier, lookUp);
    expect(await inbox.ask(carrier, lookUp)).toBe('connection_reset');
    expect(heard.map((requests) => requests.length)).toEqual([2, 1]);
    await carrier.close();
  });

  test('a connection that is new and breaks is a broken connection', async () => {
    doings = [['close']];
    const carrier = consul();
    expect(await inbox.ask(carrier, lookUp)).toBe('connection_reset');
    expect(heard).toHaveLength(1);
    await carrier.close();
  });

  test.each(['GET', 'PUT', 'DELETE'])('between services %s is sent once more (RFC 9110 9.2.2)', async (method) => {
    doings = [['answer', 'close']];
    const carrier = httpCarrier(inbox, () => `127.0.0.1:${port}`);
    for (let n = 0; n < 2; n += 1)
      expect(await inbox.ask(carrier, request(method))).toMatchObject({ kind: 'http.reply', status: 200 });
    expect(heard).toEqual([[`${method} /x HTTP/1.1`, `${method} /x HTTP/1.1`], [`${method} /x HTTP/1.1`]]);
    await carrier.close();
  });

  test.each(['POST', 'PATCH'])('%s is not: it may have been acted upon', async (method) => {
    doings = [['answer', 'close']];
    const carrier = httpCarrier(inbox, () => `127.0.0.1:${port}`);
    await inbox.ask(carrier, request(method));
    expect(await inbox.ask(carrier, request(method))).toBe('connection_reset');
    expect(heard).toHaveLength(1);
    await carrier.close();
  });

  test('an answer that breaks off is not asked for again', async () => {
    doings = [['answer', 'half']];
    const carrier = httpCarrier(inbox, () => `127.0.0.1:${port}`);
    await inbox.ask(carrier, request('GET'));
    expect(await inbox.ask(carrier, request('GET'))).toBe('connection_reset');
    expect(heard).toHaveLength(1);
    await carrier.close();
  });

  test('who ends asks nobody again', async () => {
    doings = [['answer', 'silence']];
    const carrier = httpCarrier(inbox, () => `127.0.0.1:${port}`);
    await inbox.ask(carrier, request('GET'));
    const open = inbox.ask(carrier, request('GET'));
    await expect.poll(() => heard[0]?.length).toBe(2);
    await carrier.close();
    expect(await open).toBe('connection_reset');
    expect(heard).toHaveLength(1);
  });

  test('who died over a request that was under way is broken, not refused', async () => {
    doings = [['answer', 'silence']];
    const carrier = httpCarrier(inbox, () => `127.0.0.1:${port}`);
    await inbox.ask(carrier, request('GET'));
    const open = inbox.ask(carrier, request('GET'));
    await expect.poll(() => heard[0]?.length).toBe(2);
    server.close();
    for (const socket of sockets) socket.destroy();
    expect(await open).toBe('connection_reset');
    await carrier.close();
  });
});
