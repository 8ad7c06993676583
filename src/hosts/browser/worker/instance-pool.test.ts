import type { Endpoint } from 'comlink';
import { expect, test } from 'vitest';
import { createInstancePool, failureOf, type SpawnWorker } from './instance-pool.ts';
import type { InstanceNotice } from './protocol.ts';

interface Made {
  name: string;
  isTerminated: boolean;
  failed(reason: string): void;
  notice(notice: InstanceNotice): void;
}
function spawning(made: Made[]): SpawnWorker {
  return (name, events) => {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    const worker = { name, isTerminated: false, ...events };
    made.push(worker);
    return { endpoint: port1 as unknown as Endpoint, terminate: () => void (worker.isTerminated = true) };
  };
}
const quiet = { down: () => undefined, notice: () => undefined };

test('the stock holds at most four fresh workers, and a start takes one of them', () => {
  const made: Made[] = [];
  const pool = createInstancePool(spawning(made));
  pool.warmUp();
  pool.warmUp();
  expect(made).toHaveLength(4);
  pool.take(quiet);
  expect(made).toHaveLength(4);
  pool.warmUp();
  expect(made).toHaveLength(5);
  pool.close();
  expect(made.every((worker) => worker.isTerminated)).toBe(true);
});

test('a used worker is terminated and never handed out again', () => {
  const made: Made[] = [];
  const pool = createInstancePool(spawning(made), 1);
  const first = pool.take(quiet);
  first.end('killed');
  expect(made[0]?.isTerminated).toBe(true);
  expect(pool.take(quiet).connection).not.toBe(first.connection);
  pool.close();
});

test('its own death is reported once with the reason, and open calls settle; an end that was asked for is not', async () => {
  const made: Made[] = [];
  const told: string[] = [];
  const pool = createInstancePool(spawning(made), 0);
  const dying = pool.take({ ...quiet, down: (reason) => told.push(reason) });
  const open = dying.connection.call('flush', null);
  made[0]?.failed('TypeError: x');
  made[0]?.failed('again');
  expect(await open).toEqual({ ok: false, error: 'TypeError: x' });
  expect(told).toEqual(['TypeError: x']);
  pool.take({ ...quiet, down: (reason) => told.push(reason) }).end('killed');
  made[1]?.failed('late');
  expect(told).toEqual(['TypeError: x']);
  const rejecting = pool.take({ ...quiet, down: (reason) => told.push(reason) });
  made[2]?.notice({ notice: 'crashed', reason: 'rejected' });
  expect(told).toEqual(['TypeError: x', 'rejected']);
  expect(await rejecting.connection.call('flush', null)).toEqual({ ok: false, error: 'rejected' });
});

test('a warm worker that cannot be loaded leaves the stock', () => {
  const made: Made[] = [];
  const pool = createInstancePool(spawning(made), 1);
  pool.warmUp();
  made[0]?.failed('its script could not be loaded');
  pool.take(quiet);
  expect(made).toHaveLength(2);
  pool.close();
});

test('an error event is put into words', () => {
  const event = (message?: string) => Object.assign(new Event('error'), message === undefined ? {} : { message });
  expect(failureOf(event('Uncaught Error: boom'))).toBe('Error: boom');
  expect(failureOf(event())).toBe('its script could not be loaded');
});
