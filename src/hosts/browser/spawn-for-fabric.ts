import { failureOf } from './worker/instance-pool.ts';
import type { SpawnReport, SpawnRequest } from './worker/spawn-protocol.ts';

/**
 * The page's half of the fallback for browsers without nested workers: it makes instance workers for the fabric and
 * hands each the port over which the fabric talks to it. Only birth, death and errors go through the page.
 */
export function spawnForFabric(
  fabric: Worker,
  create: ((name: string) => Worker) | undefined,
): (request: SpawnRequest) => void {
  const workers = new Map<string, Worker>();
  return (request) => {
    const { name } = request;
    if (request.spawn === 'end') {
      workers.get(name)?.terminate();
      workers.delete(name);
      return;
    }
    const report = (reason: string): void => {
      fabric.postMessage({ spawn: 'failed', name, reason } satisfies SpawnReport);
    };
    if (create === undefined) return report('this browser has no workers inside workers');
    const worker = create(name);
    workers.set(name, worker);
    worker.addEventListener('messageerror', () => report('it sent a message that could not be read'));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      report(failureOf(event));
    });
    worker.postMessage({ port: request.port }, [request.port]);
  };
}
