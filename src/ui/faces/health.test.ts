import { expect, test } from 'vitest';
import type { InstanceView } from '../../core/telemetry/view.ts';
import { declaredOnes } from './health.ts';

const one = (ordinal: number, status: InstanceView['status']): InstanceView => ({
  instance: `orders#${ordinal}`,
  node: 'orders',
  address: '192.168.1.5:8001',
  status,
  reason: null,
  inFlight: 0,
  version: null,
  paused: false,
  unready: null,
  crashes: 0,
  lastCrash: null,
});

test('an instance that fewer replicas have stopped is not shown; one that drains, or that is down, is', () => {
  const all = [one(0, 'stopped'), one(1, 'draining'), one(2, 'stopped'), one(3, 'dead')];
  expect(declaredOnes(all, 1).map(({ instance }) => instance)).toEqual(['orders#0', 'orders#1', 'orders#3']);
});
