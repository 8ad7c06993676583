import { isObject, type Json } from '../../base/json.ts';
import type { Message, Payload } from '../../fabric/message.ts';
import type { Actor, ActorFactory } from '../../fabric/protocol.ts';
import { START_DELAY_US } from '../start-delay.ts';
import { createRegistry, deregister, discover, expire, heartbeat, nextDue, register, type Change } from './machine.ts';

/** A registry instance: answers every request on its link; forgets everything when it restarts. The death of a neighbour changes nothing here: the TTL tells. */
export const registryActor: ActorFactory = (port): Actor => {
  const registry = createRegistry(port.init.startedAt);
  /** What arrived before it was ready. */
  let backlog: Message[] | null = [];
  let timer: { handle: number; due: number } | null = null;

  function report(changes: Change[]): void {
    for (const change of changes) port.emit({ type: 'registry.changed', ...change });
    const due = nextDue(registry);
    if (due === (timer?.due ?? null)) return;
    if (timer !== null) port.cancel(timer.handle);
    timer = due === null ? null : { handle: port.after(due - port.now(), { expire: due }), due };
  }

  function answer(message: Message, payload: Payload): void {
    port.send({
      to: message.from,
      link: message.link,
      operation: payload.kind === 'registry.result' ? `found ${payload.service}` : `ok ${message.operation}`,
      inReplyTo: message.id,
      trace: message.trace,
      payload,
    });
  }

  function take(message: Message): void {
    // Sent to the incarnation before: that connection is gone, and its sender has been told.
    if (message.departAt < port.init.startedAt) return;
    const { payload, from } = message;
    switch (payload.kind) {
      case 'registry.register': {
        const { service, address, ttlMs } = payload;
        report(register(registry, { service, instance: from, address, ttlUs: Math.round(ttlMs * 1000) }, port.now()));
        return answer(message, { kind: 'registry.ok' });
      }
      case 'registry.heartbeat':
        report(heartbeat(registry, payload.service, from, port.now()));
        return answer(message, { kind: 'registry.ok' });
      case 'registry.deregister':
        report(deregister(registry, payload.service, from));
        return answer(message, { kind: 'registry.ok' });
      case 'registry.discover': {
        const { service } = payload;
        return answer(message, { kind: 'registry.result', service, addresses: discover(registry, service) });
      }
      default:
        return;
    }
  }

  return {
    receive(body) {
      if (body.type === 'start') port.after(START_DELAY_US, { ready: true });
      else if (body.type === 'message') {
        if (backlog === null) take(body.message);
        else backlog.push(body.message);
      } else if (body.type === 'drain') port.stop('drained');
    },
    timer(token) {
      if (!isObject(token)) return;
      if (token['ready'] === true) {
        port.emit({ type: 'instance.ready', instance: port.init.instance });
        const early = backlog ?? [];
        backlog = null;
        for (const message of early) take(message);
      } else if (typeof token['expire'] === 'number') {
        timer = null;
        report(expire(registry, port.now()));
      }
    },
    inspect(): Json {
      const entries = [...registry.entries.values()].sort((a, b) => (a.instance < b.instance ? -1 : 1));
      return { entries: entries.map((entry): Json => ({ ...entry })) };
    },
  };
};
