import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openSession } from './zookeeper-wire.ts';

let server: Server | null = null;
afterEach(() => server?.close());

/** A server that does this with every connection. */
function serverThat(does: Parameters<typeof createServer>[1]): Promise<number> {
  return new Promise((resolve) => {
    server = createServer(does).listen(0, '127.0.0.1', () => {
      const address = server?.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

test('a connection that is accepted and dropped is a failure, not a wait without end', async () => {
  const port = await serverThat((socket) => socket.destroy());
  await expect(openSession({ host: '127.0.0.1', port }, { timeoutMs: 1000 })).rejects.toThrow(/closed|ECONNRESET/);
});

test('nobody at the port is refused', async () => {
  const port = await serverThat(() => undefined);
  await new Promise((resolve) => server?.close(resolve));
  await expect(openSession({ host: '127.0.0.1', port }, { timeoutMs: 1000 })).rejects.toThrow('ECONNREFUSED');
});
