import { createServer } from 'node:net';

/** True if nothing listens on the port of this machine's loopback. */
export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A port that is free now, chosen by the system: fixed ones collide when two test runs overlap. */
export function anyFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });
}

/** The first free port from `first` upwards, so that the address a person sees stays the same from day to day. */
export async function freePortFrom(first) {
  for (let port = first; port < first + 100; port += 1) if (await isFree(port)) return port;
  return anyFreePort();
}
