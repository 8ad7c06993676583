import type { Json } from '../../core/base/json.ts';
import type { HttpReply } from '../../core/fabric/message.ts';
import type { StoredRow } from '../../core/storage/types.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import type { RpcAnswer } from './rpc-answer.ts';

/** What every host offers to the suite. */
export interface HostUnderTest {
  /** Resolves when every service can be used. */
  start(document: Document): Promise<void>;
  /** Sends a request from outside to a node and gives its reply. */
  request(
    node: string,
    request: { method: string; path: string; headers: Record<string, string>; body: string | null },
  ): Promise<HttpReply>;
  /** The drawn client calls an rpc of a service with this message, and gives what came of it. */
  call(client: string, path: string, message: Json): Promise<RpcAnswer>;
  /** Runs so many instances of a service; resolves when they run, or before. */
  scale(service: string, replicas: number): Promise<void>;
  /** Durable rows of a store after what is under way has had time to end. */
  rows(store: string): Promise<StoredRow[]>;
  stop(): Promise<void>;
}

/** The same trace on every host: with it, everything decided by chance is the same. */
export const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** The part of `expect` that vitest and Playwright share. */
export type Expect = (value: unknown) => { toEqual(expected: unknown): void; toMatchObject(expected: object): void };

/** What a case works with. */
export interface Tools {
  host: HostUnderTest;
  expect: Expect;
  ask: (
    method: string,
    path: string,
    body?: Json,
  ) => Promise<{ status: number; body: Json; headers: Record<string, string> }>;
  /** Status and body of a GET with a trace of its own: may be repeated without a word to what chance decides. */
  look: (path: string) => Promise<[number, Json]>;
  /** Waits for rows that come with a message. */
  eventually: (store: string, table: string) => Promise<Json[]>;
  /** Asks again and again, for a while, until this is so; whether it was in the end. */
  until: (isSo: () => Promise<boolean>) => Promise<boolean>;
}

export function toolsFor(host: HostUnderTest, expect: Expect): Tools {
  async function ask(
    method: string,
    path: string,
    body?: Json,
  ): Promise<{ status: number; body: Json; headers: Record<string, string> }> {
    const headers = {
      traceparent: TRACEPARENT,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const reply = await host.request('gateway', {
      method,
      path,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    return {
      status: reply.status,
      headers: reply.headers,
      body: reply.body === null ? null : (JSON.parse(reply.body) as Json),
    };
  }
  async function look(path: string): Promise<[number, Json]> {
    const { status, body } = await host.request('gateway', { method: 'GET', path, headers: {}, body: null });
    return [status, body === null ? null : (JSON.parse(body) as Json)];
  }
  async function eventually(store: string, table: string): Promise<Json[]> {
    for (let round = 0; ; round++) {
      const rows = (await host.rows(store)).filter((row) => row.table === table).map((row) => row.row);
      if (rows.length > 0 || round === 40) return rows;
    }
  }
  async function until(isSo: () => Promise<boolean>): Promise<boolean> {
    for (let round = 0; round < 200; round++) {
      if (await isSo()) return true;
      // Lets time pass, whatever the host's time is.
      await host.rows('depot-db');
    }
    return false;
  }

  return { host, expect, ask, look, eventually, until };
}

/** One promise that every host keeps; cases run in order on one started drawing. */
export interface ContractCase {
  name: string;
  run(host: HostUnderTest, expect: Expect): Promise<void>;
}

/** What `GetShelf` answers for `i-1`: a field of every kind. */
export const SHELF = {
  id: 'i-1',
  key: 'item.made',
  sizes: { tall: -1, wide: 2 },
  turns: [1, -300],
  seen_at: '2026-02-03T04:05:06.007Z',
  full: false,
  floor: 0,
};
