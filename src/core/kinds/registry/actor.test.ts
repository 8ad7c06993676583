import { describe, expect, it } from 'vitest';
import type { Payload } from '../../fabric/message.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, registryRecord } from '../testing/fixtures.ts';
import { registryActor } from './actor.ts';

const running = (): FakePort => {
  const port = createFakePort(initOf('consul', registryRecord('consul', 1000)));
  port.attach(registryActor);
  port.deliver({ type: 'start' });
  port.advance(1000);
  return port;
};
const order: Payload = { kind: 'registry.register', service: 'order', address: '10.0.0.1:80', ttlMs: 10 };
const beat: Payload = { kind: 'registry.heartbeat', service: 'order' };
const from = { from: 'order#0', link: 'reg', operation: 'register order' };

describe('registry instance', () => {
  it('answers on the link and reports each change', () => {
    const port = running();
    const asked = port.message(order, from);
    expect(port.sent).toMatchObject([
      { to: 'order#0', link: 'reg', inReplyTo: asked, payload: { kind: 'registry.ok' } },
    ]);
    port.message({ kind: 'registry.discover', service: 'order' }, { from: 'web#0', link: 'disc' });
    expect(port.sent[1]).toMatchObject({
      to: 'web#0',
      payload: {
        kind: 'registry.result',
        service: 'order',
        addresses: [{ instance: 'order#0', address: '10.0.0.1:80' }],
      },
    });
    port.message({ kind: 'registry.deregister', service: 'order' }, from);
    expect(port.eventsOf('registry.changed').map(({ status }) => status)).toEqual(['passing', 'gone']);
  });

  it('turns critical exactly one TTL after the last heartbeat; the death of the neighbour alone changes nothing', () => {
    const port = running();
    port.message(order, from);
    port.advance(6_000);
    port.message(beat, from);
    port.deliver({ type: 'peer.down', instance: 'order#0', reason: 'killed' });
    port.advance(9_999);
    expect(port.eventsOf('registry.changed').map(({ status }) => status)).toEqual(['passing', 'passing']);
    port.advance(1);
    expect(port.events.at(-1)).toMatchObject({ t: 17_000, body: { status: 'critical' } });
    port.advance(100_000_000);
    expect(port.events.at(-1)).toMatchObject({ t: 90_000_000, body: { status: 'gone' } });
    expect(port.inspect()).toEqual({ entries: [] });
  });

  it('answers what came before it was ready once it is', () => {
    const port = createFakePort(initOf('consul', registryRecord('consul', 1000)));
    port.attach(registryActor);
    port.deliver({ type: 'start' });
    port.message(order, from);
    expect(port.sent).toEqual([]);
    port.advance(1000);
    expect(port.sent).toHaveLength(1);
  });
});
