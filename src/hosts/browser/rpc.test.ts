import type { Endpoint } from 'comlink';
import { afterEach, expect, test } from 'vitest';
import { err, ok, type Result } from '../../core/base/result.ts';
import { connect, serve } from './rpc.ts';

interface Api {
  double(n: number): Result<number, string>;
  refuse(): Promise<Result<null, string>>;
  throws(): Result<null, string>;
  never(): Promise<Result<null, string>>;
}
const api: Api = {
  double: (n) => ok(n * 2),
  refuse: async () => err('not today'),
  throws: () => {
    throw new TypeError('x is not a function');
  },
  never: () => new Promise(() => undefined),
};

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});
function pair(onThrow?: (reason: string) => void) {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve<Api>(api, port1 as unknown as Endpoint, onThrow);
  return connect<Api>(port2 as unknown as Endpoint);
}

test('a call brings the value or the error of the far side', async () => {
  const remote = pair();
  expect(await remote.call('double', 1000, 21)).toEqual({ ok: true, value: 42 });
  expect(await remote.call('refuse', 1000)).toEqual({ ok: false, error: 'not today' });
});

test('an exception on the far side becomes words, and its host is told', async () => {
  const told: string[] = [];
  const remote = pair((reason) => told.push(reason));
  expect(await remote.call('throws', 1000)).toEqual({ ok: false, error: 'TypeError: x is not a function' });
  expect(told).toEqual(['TypeError: x is not a function']);
});

test('a call that is never answered settles at its deadline', async () => {
  expect(await pair().call('never', 20)).toEqual({ ok: false, error: 'Failed to call never: no answer in 20 ms' });
});

test('when the far side dies, open and later calls settle with the reason', async () => {
  const remote = pair();
  const open = remote.call('never', null);
  remote.fail('worker ended');
  expect(await open).toEqual({ ok: false, error: 'worker ended' });
  expect(await remote.call('double', 1000, 1)).toEqual({ ok: false, error: 'worker ended' });
});

test('arguments that cannot be cloned are an error, not an exception', async () => {
  const result = await pair().call('double', 1000, (() => 1) as unknown as number);
  expect(result.ok).toBe(false);
});

test('a service may not use a name that Comlink keeps for itself', () => {
  const { port1 } = new MessageChannel();
  ports.push(port1);
  expect(() => serve({ bind: () => ok(1) }, port1 as unknown as Endpoint)).toThrow('called bind');
});
