import { expect, test } from 'vitest';
import type { RegistryEntryView } from '../../core/telemetry/view.ts';
import { leasesOf, RING_STEPS, shownLeases, type Lease } from './leases.ts';

const entry = (ordinal: number, expiresAt: number | null, status: RegistryEntryView['status'] = 'passing') => ({
  registry: 'reg',
  service: 'order',
  instance: `order#${ordinal}`,
  address: '192.168.1.5:8001',
  status,
  expiresAt,
});
const at = (t: number, ...entries: RegistryEntryView[]) =>
  leasesOf({ t, registry: new Map(entries.map((one) => [`${one.registry}/${one.instance}`, one])) }, 'reg', 10_000);

test('each lease has a ring of what is left of it', () => {
  const [order] = at(5e6, entry(1, 10e6), entry(0, 15e6), entry(2, null));
  expect(order).toMatchObject({ service: 'order', passing: 3, listed: 3 });
  expect(order?.leases.map(({ instance, left }) => [instance, left])).toEqual([
    ['order#0', RING_STEPS],
    ['order#1', RING_STEPS / 2],
    ['order#2', RING_STEPS],
  ]);
});
test('a lease that renewed twice as long is full, one that has ended and is still listed is over', () => {
  const [order] = at(5e6, entry(0, 25e6), entry(1, 5e6));
  expect(order?.leases.map(({ state, left }) => [state, left])).toEqual([
    ['passing', RING_STEPS],
    ['over', 0],
  ]);
  expect(order?.passing).toBe(2);
});
test('critical entries are listed, nobody counts on them; other registries are not mixed in', () => {
  const [order, ...more] = at(0, entry(0, null, 'critical'), entry(1, null), { ...entry(2, null), registry: 'other' });
  expect([order?.passing, order?.listed, more]).toEqual([1, 2, []]);
});
test('of many leases the worst one is drawn', () => {
  const lease = (state: Lease['state'], left: number): Lease => ({
    instance: `${state}${left}`,
    state,
    left,
    expiresAt: null,
  });
  const few = [lease('passing', 3), lease('passing', 1)];
  expect(shownLeases(few)).toEqual(few);
  expect(shownLeases([lease('passing', 3), lease('passing', 0), lease('warning', 12), lease('passing', 9)])).toEqual([
    lease('warning', 12),
  ]);
});
