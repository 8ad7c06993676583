import { expect, test } from 'vitest';
import type { InstanceView } from '../../core/telemetry/view.ts';
import { pipOf } from './health.ts';
import { arrangePips } from './pip-groups.ts';

const one = (ordinal: number, more: Partial<InstanceView> = {}): InstanceView => ({
  instance: `order#${ordinal}`,
  node: 'order',
  address: '192.168.1.5:8001',
  status: 'passing',
  reason: null,
  inFlight: 0,
  version: 'v1',
  paused: false,
  unready: null,
  crashes: 0,
  lastCrash: null,
  ...more,
});
const drawn = (instances: InstanceView[]) =>
  arrangePips(instances).map(({ pips, label }) => [pips.map(({ state }) => state).join(' '), label]);

test('each state has a shape; what matters for a running replica does not for one that is gone', () => {
  expect(
    [one(0), { paused: true }, { unready: 'HTTP 503' }, { status: 'draining' }, { status: 'dead', paused: true }].map(
      (more) => pipOf(one(0, more as Partial<InstanceView>)),
    ),
  ).toEqual(['passing', 'paused', 'warning', 'draining', 'dead']);
});
test('versions are named only while two of them run', () => {
  expect(drawn([one(0), one(1)])).toEqual([['passing passing', null]]);
  expect(drawn([one(0, { version: 'v2', status: 'starting' }), one(1), one(2)])).toEqual([
    ['starting', 'v2'],
    ['passing passing', 'v1'],
  ]);
});
test('many replicas are counted by state', () => {
  const many = [0, 1, 2, 3, 4, 5].map((ordinal) => one(ordinal, ordinal > 3 ? { paused: true } : {}));
  expect(drawn(many)).toEqual([
    ['passing', 4],
    ['paused', 2],
  ]);
});
