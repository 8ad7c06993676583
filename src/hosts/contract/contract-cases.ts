import type { Json } from '../../core/base/json.ts';
import { CALLS_CASES, IN_USE } from './calls-cases.ts';
import { type ContractCase, SHELF, toolsFor, type Tools, TRACEPARENT } from './contract-tools.ts';

/** What seed 42 and the trace above decide, computed once by the virtual host. */
const DECISION = { uuid: 'de0ade7e-2ef6-4db7-a424-e779d2988853', chance: 0.40935989818385465, greeting: 'hello' };

/** One suite for every host, whatever runs the tests: what a drawing does must not depend on where it runs. */
export const CONTRACT_CASES: ContractCase[] = [IN_USE];

function contractCase(name: string, run: (tools: Tools) => Promise<void>): void {
  CONTRACT_CASES.push({ name, run: (host, expect) => run(toolsFor(host, expect)) });
}

contractCase('a row is stored with the types of its columns and read back', async ({ ask, host, expect }) => {
  const item = {
    id: 'i-1',
    name: 'lamp',
    stars: 0,
    price: 1.5,
    sold: false,
    tags: ['new', { deep: null }],
    madeAt: '2026-02-03T04:05:06.007Z',
  };
  expect(await ask('POST', '/api/items', { id: 'i-1', name: 'lamp' })).toMatchObject({ status: 201, body: item });
  expect(await ask('GET', '/api/items/i-1')).toMatchObject({ status: 200, body: item });
  const stored = (await host.rows('maker-db')).filter((row) => row.table === 'items');
  expect(stored).toEqual([{ table: 'items', key: '"i-1"', row: item }]);
});

contractCase(
  'the event of a committed transaction arrives; the outbox is empty afterwards',
  async ({ eventually, host, expect }) => {
    expect(await eventually('depot-db', 'shelves')).toEqual([{ id: 'i-1', key: 'item.made' }]);
    expect((await host.rows('maker-db')).filter((row) => row.table === 'outbox')).toEqual([]);
  },
);

contractCase('a failed transaction leaves neither row nor event', async ({ ask, expect }) => {
  expect(await ask('POST', '/api/items', { id: 'i-2', name: 'bad' })).toMatchObject({
    status: 422,
    body: { code: 'bad_name' },
  });
  expect(await ask('GET', '/api/items/i-2')).toMatchObject({ status: 404, body: { code: 'no_such_item' } });
  expect(await ask('GET', '/api/ask/i-2')).toMatchObject({
    status: 200,
    body: { caught: 'http_404', said: 'empty_shelf' },
  });
});

contractCase('unique constraints hold, for the key and for a column', async ({ ask, expect }) => {
  for (const id of ['i-1', 'i-3']) {
    expect(await ask('POST', '/api/items', { id, name: 'lamp' })).toMatchObject({
      status: 500,
      body: { code: 'unique_violation' },
    });
  }
});

contractCase('a value of a wrong type is refused', async ({ ask, expect }) => {
  expect(await ask('POST', '/api/items', { id: 'i-4', name: 7 })).toMatchObject({
    status: 500,
    body: { code: 'invalid_type' },
  });
});

contractCase('conditions, order, limit', async ({ ask, expect }) => {
  await ask('POST', '/api/items', { id: 'i-5', name: 'Zebra' });
  await ask('POST', '/api/items', { id: 'i-6', name: 'їжак' });
  // By code point: Cyrillic after Latin, small letters after capitals.
  expect(await ask('GET', '/api/items')).toMatchObject({ status: 200, body: ['їжак', 'lamp'] });
});

contractCase('increments are atomic and counted; no row, no change', async ({ ask, expect }) => {
  expect(await ask('POST', '/api/items/i-1/stars')).toMatchObject({ body: { count: 1, stars: [2] } });
  expect(await ask('POST', '/api/items/nobody/stars')).toMatchObject({ body: { count: 0, stars: [] } });
  expect(await ask('GET', '/api/items/i-1')).toMatchObject({ body: { stars: 2, price: 1.25, sold: true } });
});

contractCase('a call finds its service through the registry', async ({ ask, expect }) => {
  expect(await ask('GET', '/api/ask/i-1')).toMatchObject({ status: 200, body: { id: 'i-1', key: 'item.made' } });
});

contractCase(
  'an aggregation gathers its parts; a missing optional part is null and a warning',
  async ({ ask, expect }) => {
    expect(await ask('GET', '/api/whole?id=i-1')).toMatchObject({
      status: 200,
      body: { item: 'lamp', shelf: { id: 'i-1' } },
    });
    expect(await ask('GET', '/api/whole?id=nobody')).toMatchObject({ status: 404 });
  },
);

contractCase('routes and methods that nobody serves', async ({ ask, expect }) => {
  expect(await ask('GET', '/elsewhere')).toMatchObject({ status: 404, body: { code: 'no_route' } });
  expect(await ask('PUT', '/api/items', {})).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
});

contractCase('loops and expressions', async ({ ask, expect }) => {
  expect(await ask('POST', '/api/many', [1, 2, 3])).toMatchObject({ status: 200, body: [1, 4, 9] });
});

contractCase('an uncaught failure is a problem with its code', async ({ ask, expect }) => {
  expect(await ask('GET', '/api/unhandled')).toMatchObject({
    status: 500,
    headers: { 'content-type': 'application/problem+json' },
    body: { code: 'oops', detail: 'nobody caught this' },
  });
});

contractCase('chance is decided by the trace, not by the host', async ({ ask, expect }) => {
  expect(await ask('GET', '/api/decide')).toMatchObject({ status: 200, body: DECISION });
});

contractCase('delete counts', async ({ ask, expect }) => {
  expect(await ask('DELETE', '/api/items/i-6')).toMatchObject({ body: { count: 1 } });
  expect(await ask('DELETE', '/api/items/i-6')).toMatchObject({ body: { count: 0 } });
});

contractCase(
  'GW1 GW5 GW14 a gateway matches by template and header, transforms both ways and limits per key',
  async ({ host, expect }) => {
    const ask = async (tenant?: string): Promise<[number, Json, string | undefined]> => {
      const headers = { traceparent: TRACEPARENT, ...(tenant === undefined ? {} : { 'x-tenant': tenant }) };
      const {
        status,
        headers: given,
        body,
      } = await host.request('gateway', {
        method: 'GET',
        path: '/shop/v2/items/i-1',
        headers,
        body: null,
      });
      return [status, body === null ? null : (JSON.parse(body) as Json), given['ratelimit-remaining']];
    };
    const shown = { v: 'v2', name: 'lamp' };
    expect(await ask('acme')).toEqual([200, shown, '1']);
    expect(await ask('acme')).toEqual([200, shown, '0']);
    expect((await ask('acme'))[0]).toEqual(429);
    expect(await ask('other')).toEqual([200, shown, '1']);
    expect((await ask('ACME'))[0]).toEqual(404);
    expect((await ask())[0]).toEqual(404);
  },
);

contractCase('GW9 a gateway repeats what failed, and passes the last answer on', async ({ ask, expect }) => {
  expect(await ask('GET', '/again')).toMatchObject({ status: 500, body: { code: 'oops' } });
});

contractCase('a gateway answers the preflight of another origin itself', async ({ host, expect }) => {
  const preflight = { origin: 'https://shop.test', 'access-control-request-method': 'POST' };
  const request = { method: 'OPTIONS', path: '/api/items', headers: preflight, body: null };
  expect(await host.request('gateway', request)).toMatchObject({
    status: 204,
    headers: { 'access-control-allow-origin': 'https://shop.test', vary: 'Origin' },
  });
});

contractCase('RS2 a call has a breaker, and a fallback when it is open', async ({ ask, expect }) => {
  const bodies: Json[] = [];
  for (let n = 0; n < 3; n += 1) bodies.push((await ask('GET', '/api/guarded/nothing')).body);
  expect(bodies).toEqual([{ instead: 'http_404' }, { instead: 'http_404' }, { instead: 'breaker_open' }]);
});

for (const [name, path] of [
  ['RP1 RP3 a gRPC call brings every kind of field, and the status when there is nothing', '/api/grpc'],
  ['GW18 GW19 so it does through the gateway', '/api/through'],
] as const)
  contractCase(name, async ({ ask, expect }) => {
    expect((await ask('GET', `${path}/i-1`)).body).toEqual({ status: 0, body: SHELF });
    expect((await ask('GET', `${path}/nothing`)).body).toEqual({
      caught: 'grpc_not_found',
      said: 'no row nothing in shelves',
    });
  });

contractCase('RP2 a gRPC stream keeps its order', async ({ ask, expect }) => {
  expect((await ask('GET', '/api/grpc-stream/4')).body).toEqual([0, 1, 2, 3].map((n) => `${n} їдальня`));
});

CONTRACT_CASES.push(...CALLS_CASES);
