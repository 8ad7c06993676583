import { expect, test } from 'vitest';
import type { AnyExecutableNode } from '../../topology/schema/types.ts';
import { createFakePort } from '../testing/fake-port.ts';
import { initOf, serviceRecord } from '../testing/fixtures.ts';
import { serviceActor } from './actor.ts';
import { createGrpcSide } from './grpc-side.ts';
import { useGrpc } from './grpc-slot.ts';

const PROTO = `syntax = "proto3";
package shop;
message Ask { string id = 1; }
service Prices { rpc Get(Ask) returns (Ask); }
`;

/** A service that answers `GET /prices` and an rpc, both after a second. */
function prices(): AnyExecutableNode {
  const record = serviceRecord('prices');
  if (record.kind !== 'service') throw new Error('no service');
  const wait = { id: 'wait', do: 'wait', ms: 1000 } as const;
  const answer = { id: 'answer', do: 'respond', status: 200, body: { id: 'a' } } as const;
  record.config.endpoints = [{ id: 'get', method: 'GET', path: '/prices', steps: [wait, answer] }];
  const methods = [{ id: 'rpc', rpc: 'shop.Prices/Get', steps: [wait, answer] }];
  record.config.grpc = { port: 50_051, proto: PROTO, methods };
  return record;
}

test('RP4 who drains finishes what is in flight, over HTTP and gRPC; what still arrives at its end is refused by both', () => {
  useGrpc(createGrpcSide);
  const port = createFakePort(initOf('prices', prices()));
  port.attach(serviceActor);
  port.deliver({ type: 'start' });
  port.advance(1);
  const ask = (): void => {
    port.message({ kind: 'http.request', method: 'GET', path: '/prices', headers: {}, body: null });
    const call = { path: '/shop.Prices/Get', metadata: {}, timeoutUs: 5_000_000, bytes: '', json: '{}' };
    port.message({ kind: 'grpc.request', ...call });
  };
  const statuses = (): [number[], number[]] => [
    port.sentOf('http.reply').map(({ payload }) => payload.status),
    port.sentOf('grpc.reply').map(({ payload }) => payload.status),
  ];
  ask();
  port.deliver({ type: 'drain' });
  port.advance(2_000_000);
  expect(statuses()).toEqual([[200], [0]]);
  // It has asked to be ended; until it is, messages may arrive.
  ask();
  port.advance(1);
  expect(statuses()).toEqual([
    [200, 503],
    [0, 14],
  ]);
  expect(port.sentOf('grpc.reply').at(-1)?.payload.message).toBe('prices has been drained and ends');
});
