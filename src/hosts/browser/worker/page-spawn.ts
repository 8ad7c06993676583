import { isNotice } from './protocol.ts';
import { mourn, type SpawnWorker } from './instance-pool.ts';
import { isSpawnReport, type SpawnRequest } from './spawn-protocol.ts';

/** Spawns through the page, for browsers without workers inside workers: a port that the page hands to the worker carries all but its errors. */
export function pageSpawn(scope: DedicatedWorkerGlobalScope): SpawnWorker {
  const failures = new Map<string, (reason: string) => void>();
  scope.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isSpawnReport(data)) failures.get(data.name)?.(data.reason);
  });
  return (name, events) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!isNotice(data)) return;
      if (data.notice === 'alive') mourn(data.lock, () => events.failed('it was ended from outside'));
      events.notice(data);
    });
    port1.start();
    failures.set(name, (reason) => events.failed(reason));
    scope.postMessage({ spawn: 'make', name, port: port2 } satisfies SpawnRequest, [port2]);
    return {
      endpoint: port1,
      terminate() {
        failures.delete(name);
        port1.close();
        scope.postMessage({ spawn: 'end', name } satisfies SpawnRequest);
      },
    };
  };
}
