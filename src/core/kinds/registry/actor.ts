import type { Json } from '../../base/json.ts';
import { assert } from '../../base/result.ts';
import type { Message, Payload } from '../../fabric/message.ts';
import type { ActorFactory, ActorPort } from '../../fabric/protocol.ts';
import { Infrastructure } from '../infrastructure.ts';
import { createFlavour } from './create-flavour.ts';
import type { Change, RegistryFlavour } from './flavour.ts';

class RegistryActor extends Infrastructure {
  private readonly registry: RegistryFlavour;
  private timerSet: { handle: number; due: number } | null = null;

  constructor(port: ActorPort) {
    super(port);
    const { record, startedAt } = port.init;
    assert(record.kind === 'registry', `a registry instance got a ${record.kind} record`);
    this.registry = createFlavour(record.config, startedAt);
  }

  inspect(): Json {
    return { entries: this.registry.entries().map((entry): Json => ({ ...entry })) };
  }

  protected begin(): void {
    // In dev mode it forgot everything: there is nothing to tell.
  }

  protected take(message: Message): void {
    const { payload, from } = message;
    const now = this.port.now();
    switch (payload.kind) {
      case 'registry.register': {
        const { service, address, ttlMs } = payload;
        const given = { service, instance: from, address, ttlUs: Math.round(ttlMs * 1000) };
        return this.changed(message, this.registry.register(given, now));
      }
      case 'registry.heartbeat':
        return this.changed(message, this.registry.renew(payload.service, from, now).changes);
      case 'registry.deregister':
        return this.changed(message, this.registry.deregister(payload.service, from, now));
      case 'registry.discover': {
        const { service } = payload;
        const result: Payload = {
          kind: 'registry.result',
          service,
          addresses: this.registry.discover(service, now).addresses,
        };
        return this.answer(message, `found ${service}`, result);
      }
      default:
        return;
    }
  }

  protected hear(): void {
    // The death of a neighbour changes nothing here: the TTL tells.
  }

  protected due(): void {
    this.timerSet = null;
    this.report(this.registry.expire(this.port.now(), (n) => this.port.random('evict', this.port.now(), n)));
  }

  private changed(message: Message, changes: Change[]): void {
    this.report(changes);
    this.answer(message, `ok ${message.operation}`, { kind: 'registry.ok' });
  }

  /** Tells what changed and keeps one timer on the next thing that time will do. */
  private report(changes: Change[]): void {
    for (const change of changes) this.port.emit({ type: 'registry.changed', ...change });
    const due = this.registry.nextDue();
    if (due === (this.timerSet?.due ?? null)) return;
    if (this.timerSet !== null) this.port.cancel(this.timerSet.handle);
    this.timerSet = due === null ? null : { handle: this.port.after(due - this.port.now(), { expire: due }), due };
  }
}

/** Makes the actor of a registry: it answers every request on its link and forgets everything when it restarts. */
export const registryActor: ActorFactory = (port) => new RegistryActor(port);
