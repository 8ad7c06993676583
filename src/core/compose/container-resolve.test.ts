import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bootAddresses } from '../fabric/boot-addresses.ts';
import { AddressBook, peersOf } from '../fabric/peers.ts';
import { compileTopology } from '../topology/compile.ts';
import type { Document, Resolve } from '../topology/schema/types.ts';
import { containerResolve } from './container-resolve.ts';
import { fidelityRows } from './fidelity.ts';

const document = (resolve: Resolve | undefined): Document => {
  const read = JSON.parse(
    readFileSync(new URL('../../../public/examples/hello.json', import.meta.url), 'utf8'),
  ) as Document;
  const link = read.links['gateway-hello'];
  if (link !== undefined && resolve !== undefined) link.config.resolve = resolve;
  return read;
};
function resolved(resolve?: Resolve): { resolve?: Resolve } | null {
  const topology = compileTopology(document(resolve));
  const peer = peersOf('gateway', topology, new AddressBook()).find((one) => one.node === 'hello');
  return peer === undefined ? null : containerResolve(peer, 'hello:8001', topology);
}
const held = bootAddresses(compileTopology(document(undefined))).get('hello#0') ?? '';

test('addresses of instances become the name of the container, others stay; other ways of resolving stay', () => {
  expect(held).toMatch(/^192\.168\.1\.\d+:\d+$/);
  expect(resolved({ by: 'static', addresses: [held, '10.0.0.1:1'] })).toEqual({
    resolve: { by: 'static', addresses: ['hello:8001', '10.0.0.1:1'] },
  });
  expect(resolved({ by: 'dns', ttlMs: 5 })).toEqual({ resolve: { by: 'dns', ttlMs: 5 } });
  expect(resolved()).toEqual({});
});

test('the report says what a TTL, an address and a weight mean there', () => {
  const aspects = (of: Document): string[] =>
    fidelityRows(of).flatMap((row) => (/address|balancing/.test(row.aspect) ? [`${row.aspect}: ${row.level}`] : []));
  expect(aspects(document(undefined))).toEqual([]);
  expect(aspects(document({ by: 'dns', ttlMs: 5 }))).toEqual(['address of hello: approximate']);
  expect(aspects(document({ by: 'static', addresses: [held] }))).toEqual(['address of hello: equivalent']);
  const weighted = document(undefined);
  const gateway = weighted.nodes['gateway'];
  if (gateway?.kind === 'gateway')
    gateway.config.loadBalancing = { kind: 'weighted-round-robin', weights: { '#0': 2 } };
  expect(aspects(weighted)).toEqual(['balancing: approximate']);
});
