import type { Endpoint } from 'comlink';
import { afterEach, expect, test } from 'vitest';
import { ok } from '../../core/base/result.ts';
import type { RunDefinition } from '../../core/fabric/run-api.ts';
import { serve } from './rpc.ts';
import { createBrowserRun } from './run-port.ts';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A fabric worker that opens and closes and answers nothing else. */
function silentFabric(): Worker {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const far = { open: () => ok(ok({})), close: () => ok(null), log: () => new Promise<never>(() => undefined) };
  serve(far, port1 as unknown as Endpoint);
  return Object.assign(port2, { terminate: () => port2.close() }) as unknown as Worker;
}

test('who waits for an answer of a run that is closed is told at once, not after a deadline', async () => {
  const run = createBrowserRun({ spawnFabric: silentFabric });
  await run.open({} as RunDefinition, { speed: 1, play: true });
  const asked = run.log().catch((error: unknown) => String(error));
  await run.close();
  expect(await asked).toBe('Error: Failed to ask the run: the run was closed');
});
