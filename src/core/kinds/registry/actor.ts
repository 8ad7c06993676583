import type { Json } from '../../base/json.ts';
import type { Message, Payload } from '../../fabric/message.ts';
import type { ActorFactory, ActorPort } from '../../fabric/protocol.ts';
import { Infrastructure } from '../infrastructure.ts';
import {
  createRegistry,
  deregister,
  discover,
  expire,
  heartbeat,
  nextDue,
  register,
  type Change,
  type Registry,
} from './machine.ts';

class RegistryActor extends Infrastructure {
  private readonly registry: Registry;
  private timerSet: { handle: number; due: number } | null = null;

  constructor(port: ActorPort) {
    super(port);
    this.registry = createRegistry(port.init.startedAt);
  }

  inspect(): Json {
    const entries = [...this.registry.entries.values()].sort((a, b) => (a.instance < b.instance ? -1 : 1));
    return { entries: entries.map((entry): Json => ({ ...entry })) };
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
        return this.changed(message, register(this.registry, given, now));
      }
      case 'registry.heartbeat':
        return this.changed(message, heartbeat(this.registry, payload.service, from, now));
      case 'registry.deregister':
        return this.changed(message, deregister(this.registry, payload.service, from));
      case 'registry.discover': {
        const { service } = payload;
        const result: Payload = { kind: 'registry.result', service, addresses: discover(this.registry, service) };
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
    this.report(expire(this.registry, this.port.now()));
  }

  private changed(message: Message, changes: Change[]): void {
    this.report(changes);
    this.answer(message, `ok ${message.operation}`, { kind: 'registry.ok' });
  }

  /** Tells what changed and keeps one timer on the next thing that time will do. */
  private report(changes: Change[]): void {
    for (const change of changes) this.port.emit({ type: 'registry.changed', ...change });
    const due = nextDue(this.registry);
    if (due === (this.timerSet?.due ?? null)) return;
    if (this.timerSet !== null) this.port.cancel(this.timerSet.handle);
    this.timerSet = due === null ? null : { handle: this.port.after(due - this.port.now(), { expire: due }), due };
  }
}

/** Makes the actor of a registry: it answers every request on its link and forgets everything when it restarts. */
export const registryActor: ActorFactory = (port) => new RegistryActor(port);
