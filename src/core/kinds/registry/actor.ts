import { isObject, type Json } from '../../base/json.ts';
import type { Message, Payload } from '../../fabric/message.ts';
import type { Actor, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { deregister, discover, expire, heartbeat, nextExpiry, register, type Catalog } from './catalog.ts';

/** A Consul-like registry in development mode: TTL checks, nothing survives its own restart. */
export const registryActor = (port: ActorPort): Actor => new RegistryActor(port);

class RegistryActor implements Actor {
  private readonly port: ActorPort;
  private catalog: Catalog = new Map();
  private timerHandle: number | null = null;

  constructor(port: ActorPort) {
    this.port = port;
  }

  receive(body: DeliveryBody): void {
    if (body.type === 'start') this.port.after(1000, { started: true });
    else if (body.type === 'drain') this.port.stop('drained');
    else if (body.type === 'message') this.message(body.message);
  }

  timer(token: Json): void {
    if (!isObject(token)) return;
    if (token['started'] === true) this.port.emit({ type: 'instance.ready', instance: this.port.init.instance });
    else {
      this.timerHandle = null;
      this.become(expire(this.catalog, this.port.now()));
    }
  }

  inspect(): Json {
    return [...this.catalog.values()] as unknown as Json;
  }

  private message(message: Message): void {
    const { payload, from } = message;
    const now = this.port.now();
    switch (payload.kind) {
      case 'registry.register':
        this.become(
          register(
            this.catalog,
            { service: payload.service, instance: from, address: payload.address, ttlMs: payload.ttlMs },
            now,
          ),
        );
        return this.reply(message, { kind: 'registry.ok' });
      case 'registry.heartbeat':
        this.become(heartbeat(this.catalog, from, now));
        return this.reply(message, { kind: 'registry.ok' });
      case 'registry.deregister':
        this.become(deregister(this.catalog, from));
        return this.reply(message, { kind: 'registry.ok' });
      case 'registry.discover':
        return this.reply(message, {
          kind: 'registry.result',
          service: payload.service,
          addresses: discover(this.catalog, payload.service),
        });
      default:
        return;
    }
  }

  private reply(message: Message, payload: Payload): void {
    this.port.send({
      to: message.from,
      link: message.link,
      operation: message.operation,
      inReplyTo: message.id,
      trace: message.trace,
      payload,
    });
  }

  /** Takes the new catalog, tells what changed in it, and sets the timer of the next expiry. */
  private become(next: Catalog): void {
    const before = this.catalog;
    this.catalog = next;
    for (const instance of [...new Set([...before.keys(), ...next.keys()])].sort()) {
      const was = before.get(instance);
      const is = next.get(instance);
      if (is === was) continue;
      const entry = is ?? was;
      if (!entry) continue;
      const { service, address } = entry;
      const status = is ? is.status : 'gone';
      this.port.emit({
        type: 'registry.changed',
        service,
        instance,
        address,
        status,
        expiresAt: is ? is.expiresAt : null,
      });
    }
    const due = nextExpiry(next);
    if (this.timerHandle !== null) this.port.cancel(this.timerHandle);
    this.timerHandle = due === null ? null : this.port.after(due - this.port.now(), { expire: true });
  }
}
