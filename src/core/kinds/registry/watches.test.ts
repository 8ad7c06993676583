import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../fabric/event.ts';
import type { Payload } from '../../fabric/message.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, registryRecord } from '../testing/fixtures.ts';
import { registryActor } from './actor.ts';

const S = 1_000_000;
function running(config: Partial<ConfigOf<'registry'>>): FakePort {
  const record = registryRecord('registry', 1000);
  if (record.kind === 'registry') record.config = { ...record.config, ...config };
  const port = createFakePort(initOf('registry', record));
  port.attach(registryActor);
  port.deliver({ type: 'start' });
  port.advance(1000);
  return port;
}
const join = (port: FakePort, n: number, ttlMs = 4000): string =>
  port.message(
    { kind: 'registry.register', service: 'order', address: `10.0.0.${n}:80`, ttlMs },
    { from: `order#${n}`, link: 'reg', operation: 'register order' },
  );
const leave = (port: FakePort, n: number): string =>
  port.message(
    { kind: 'registry.deregister', service: 'order' },
    { from: `order#${n}`, link: 'reg', operation: 'leave' },
  );
const beat = (port: FakePort, n: number): string =>
  port.message(
    { kind: 'registry.heartbeat', service: 'order' },
    { from: `order#${n}`, link: 'reg', operation: 'beat' },
  );
const look = (port: FakePort, from = 'gw#0'): string =>
  port.message(
    { kind: 'registry.discover', service: 'order', watch: true },
    { from, link: 'disc', operation: 'discover order' },
  );
type Notice = Extract<Payload, { kind: 'registry.notice' }>;
const notices = (port: FakePort, to = 'gw#0'): Notice[] =>
  port.sent.flatMap(({ to: whom, payload }) => (whom === to && payload.kind === 'registry.notice' ? [payload] : []));
const listed = (notice: Notice | undefined): string[] | null =>
  notice?.addresses?.map(({ instance }) => instance) ?? null;
const found = (port: FakePort): string[] => {
  const { payload } = port.sent.at(-1) ?? {};
  return payload?.kind === 'registry.result' ? payload.addresses.map(({ instance }) => instance) : ['no answer'];
};

describe('SR6 a watch of etcd', () => {
  it('tells each change once, with the list after it, in order of revisions; a keepalive is no change', () => {
    const port = running({ engine: 'etcd' });
    look(port);
    look(port, 'gw#1');
    join(port, 0);
    join(port, 1);
    beat(port, 0);
    leave(port, 0);
    expect(notices(port).map(listed)).toEqual([['order#0'], ['order#0', 'order#1'], ['order#1']]);
    expect(notices(port, 'gw#1')).toEqual(notices(port));
    const revisions = notices(port).map(({ index }) => index);
    expect(revisions).toEqual([2, 3, 4]);
  });

  it('tells of leases that end, those that end together in one notice', () => {
    const port = running({ engine: 'etcd' });
    join(port, 0);
    join(port, 1);
    look(port);
    port.advance(5 * S);
    expect(notices(port).map(listed)).toEqual([[]]);
    expect(port.eventsOf('registry.changed').map(({ status }) => status)).toEqual([
      'passing',
      'passing',
      'gone',
      'gone',
    ]);
  });

  it('ends with its watcher', () => {
    const port = running({ engine: 'etcd' });
    look(port);
    port.deliver({ type: 'peer.down', instance: 'gw#0', reason: 'killed' });
    join(port, 0);
    expect(notices(port)).toEqual([]);
  });
});

describe('SR7 a watch of ZooKeeper', () => {
  it('fires once, without the data; what changes before it is set again is never told, but the next reading shows it', () => {
    const port = running({ engine: 'zookeeper', tickMs: 500 });
    look(port);
    join(port, 0);
    expect(notices(port).map(listed)).toEqual([null]);
    join(port, 1);
    leave(port, 0);
    expect(notices(port)).toHaveLength(1);
    look(port);
    expect(found(port)).toEqual(['order#1']);
    leave(port, 1);
    expect(notices(port)).toHaveLength(2);
  });

  it('the event is sent before any reading that shows the new data', () => {
    const port = running({ engine: 'zookeeper', tickMs: 500 });
    look(port);
    join(port, 0);
    look(port);
    const told = port.sent.filter(({ to }) => to === 'gw#0').map(({ payload }) => payload.kind);
    expect(told).toEqual(['registry.result', 'registry.notice', 'registry.result']);
    expect(found(port)).toEqual(['order#0']);
  });

  it('a node that was made and deleted while nobody watched leaves no trace for its watcher', () => {
    const port = running({ engine: 'zookeeper', tickMs: 500 });
    look(port);
    port.deliver({ type: 'peer.down', instance: 'gw#0', reason: 'reset' });
    join(port, 0);
    leave(port, 0);
    expect(notices(port)).toEqual([]);
    look(port);
    expect(found(port)).toEqual([]);
  });
});

describe('a registry that forgot', () => {
  it.each(['consul', 'eureka', 'etcd', 'zookeeper'] as const)(
    '%s tells a sign of life from nobody it knows as unknown, and takes the registration that follows (SR1, SR4, SR6, SR7)',
    (engine) => {
      const port = running({ engine });
      beat(port, 0);
      expect(port.sent.at(-1)?.payload).toEqual({ kind: 'registry.unknown', service: 'order' });
      join(port, 0);
      beat(port, 0);
      expect(port.sent.at(-1)?.payload).toEqual({ kind: 'registry.ok' });
      const changed: EventOf<'registry.changed'>['status'][] = port
        .eventsOf('registry.changed')
        .map(({ status }) => status);
      expect(changed).toEqual(['passing', 'passing']);
    },
  );
});
