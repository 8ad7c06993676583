import { failureOf } from './worker/instance-pool.ts';

/** What the fabric worker asks of the page when it cannot make workers itself. */
export type SpawnRequest = { spawn: 'make'; name: string; port: MessagePort } | { spawn: 'end'; name: string };
/** What the page says about a worker that it made. */
export type SpawnReport = { spawn: 'failed'; name: string; reason: string };

export const isSpawnRequest = (data: unknown): data is SpawnRequest =>
  typeof data === 'object' && data !== null && 'spawn' in data;

/**
 * The page's half of the fallback for browsers without nested workers: it makes instance workers for the fabric and
 * hands each the port over which the fabric talks to it. Only birth, death and errors go through the page.
 */
export function spawnForFabric(fabric: Worker, create: (name: string) => Worker): (request: SpawnRequest) => void {
  const workers = new Map<string, Worker>();
  return (request) => {
    if (request.spawn === 'end') {
      workers.get(request.name)?.terminate();
      workers.delete(request.name);
      return;
    }
    const { name, port } = request;
    const report = (reason: string): void => {
      fabric.postMessage({ spawn: 'failed', name, reason } satisfies SpawnReport);
    };
    const worker = create(name);
    workers.set(name, worker);
    worker.addEventListener('messageerror', () => report('it sent a message that could not be read'));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      report(failureOf(event));
    });
    worker.postMessage({ port }, [port]);
  };
}
