import type { Server } from 'node:net';

/** Starts a server; resolves with its port, which is any free one for 0, and rejects when it cannot listen. Without `host` it listens on all addresses. */
export function listen(server: Server, port: number, host?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
