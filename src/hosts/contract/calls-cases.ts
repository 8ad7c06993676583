import type { Json } from '../../core/base/json.ts';
import { type ContractCase, SHELF, toolsFor, type Tools } from './contract-tools.ts';

const caseOf = (name: string, run: (tools: Tools) => Promise<void>): ContractCase => ({
  name,
  run: (host, expect) => run(toolsFor(host, expect)),
});

/** The first case: the others find every instance in use. */
export const IN_USE = caseOf(
  'GW12 an instance is used once a check of it was good',
  async ({ look, expect, until }) => {
    const statuses = async (): Promise<number[]> => [
      (await look('/api/items'))[0],
      (await look('/direct/api/shelves/none'))[0],
    ];
    await until(async () => !(await statuses()).includes(503));
    expect(await statuses()).toEqual([200, 404]);
  },
);

const METHODS = '/depot.v1.Depot';

/** What was added last: clients over gRPC, active checks, blocking queries. They change the drawing's state and come last. */
export const CALLS_CASES: ContractCase[] = [
  caseOf('RP1 a client calls over gRPC and hears every kind of field, or the status', async ({ host, expect }) => {
    expect(await host.call('app', `${METHODS}/GetShelf`, { id: 'i-1' })).toEqual({
      status: 0,
      message: '',
      messages: [SHELF],
    });
    expect(await host.call('app', `${METHODS}/GetShelf`, { id: 'nothing' })).toEqual({
      status: 5,
      message: 'no row nothing in shelves',
      messages: [],
    });
  }),

  caseOf('RP2 a stream reaches a client whole and in order, also an empty one', async ({ host, expect }) => {
    const streamed = async (count: number): Promise<[number, Json[]]> => {
      const { status, messages } = await host.call('app', `${METHODS}/CountShelves`, { count });
      return [status, messages.map((message) => (message as { id: string }).id)];
    };
    expect(await streamed(5)).toEqual([0, ['0', '1', '2', '3', '4']]);
    expect(await streamed(0)).toEqual([0, []]);
  }),

  caseOf('RP2 a deadline of a client ends the call on both sides', async ({ host, expect }) => {
    expect(await host.call('app', `${METHODS}/WaitShelf`, { id: 'i-1' })).toMatchObject({ status: 4, messages: [] });
    const shelves = (await host.rows('depot-db')).filter((row) => row.table === 'shelves');
    expect(shelves.some((row) => row.key === '"late"')).toEqual(false);
  }),

  caseOf(
    'GW12 whom active checks find ill gets nothing of the gateway until they find it well',
    async ({ ask, look, expect, until }) => {
      const direct = async (): Promise<number> => (await look('/direct/api/shelves/i-1'))[0];
      expect(await direct()).toEqual(200);
      expect(await ask('POST', '/api/mood/ill')).toMatchObject({ status: 200, body: { mood: 'ill' } });
      await until(async () => (await direct()) === 503);
      expect(await ask('GET', '/direct/api/shelves/i-1')).toMatchObject({ status: 503, body: { flag: 'UH' } });
      // The checks are the gateway's: other services still call it.
      expect((await ask('GET', '/api/ask/i-1')).status).toEqual(200);
      expect(await ask('POST', '/api/mood/well')).toMatchObject({ status: 200, body: { mood: 'well' } });
      await until(async () => (await direct()) === 200);
      expect(await direct()).toEqual(200);
    },
  ),

  caseOf(
    'SR3 a blocking query tells of a new instance, though the list would serve for ten minutes',
    async ({ look, host, expect, until }) => {
      // The breaker of the first instance is open since RS2; that of another one is not.
      const bodyOf = async (): Promise<string> => JSON.stringify((await look('/api/guarded/nothing'))[1]);
      const seen = new Set<string>([await bodyOf(), await bodyOf()]);
      expect([...seen]).toEqual(['{"instead":"breaker_open"}']);
      await host.scale('maker', 2);
      await until(async () => seen.add(await bodyOf()).size > 1);
      expect([...seen]).toEqual(['{"instead":"breaker_open"}', '{"instead":"http_404"}']);
    },
  ),
];
