import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import { assert } from '../../base/result.ts';
import type { InstanceId, Message, Payload } from '../../fabric/message.ts';
import type { ActorFactory, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';
import { Infrastructure } from '../infrastructure.ts';
import { AgentChecks } from './agent-checks.ts';
import { BlockingQueries, MAX_HELD } from './blocking-queries.ts';
import { Consul } from './consul.ts';
import { createFlavour } from './create-flavour.ts';
import type { Change, Listing, RegistryFlavour } from './flavour.ts';
import { Watches } from './watches.ts';

class RegistryActor extends Infrastructure {
  private registry: RegistryFlavour;
  /** What the machine was made from. */
  private made: string;
  private watches: Watches;
  private readonly checks: AgentChecks;
  private readonly questions = new BlockingQueries<Message>();
  private timerSet: { handle: number; due: number } | null = null;

  constructor(port: ActorPort) {
    super(port);
    this.made = canonicalize(this.config as unknown as Json);
    this.registry = createFlavour(this.config, port.init.startedAt);
    this.watches = new Watches(port, this.config.engine === 'zookeeper');
    this.checks = new AgentChecks(
      port,
      () => this.config.heartbeatMs,
      (instance, status) => {
        if (this.registry instanceof Consul) this.report(this.registry.checked(instance, status, port.now()));
      },
    );
  }

  private get config(): ConfigOf<'registry'> {
    const { record } = this.port.init;
    assert(record.kind === 'registry', `a registry instance got a ${record.kind} record`);
    return record.config;
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
        this.changed(message, this.registry.register(given, now));
        if (this.config.engine === 'consul' && this.config.check === 'http') this.checks.begin(from, message.link);
        return;
      }
      case 'registry.heartbeat': {
        const { known, changes } = this.registry.renew(payload.service, from, now);
        if (known) return this.changed(message, changes);
        return this.answer(message, `unknown ${payload.service}`, {
          kind: 'registry.unknown',
          service: payload.service,
        });
      }
      case 'registry.deregister':
        this.checks.end(from);
        return this.changed(message, this.registry.deregister(payload.service, from, now));
      case 'registry.discover':
        return this.discover(message, payload);
      default:
        this.checks.answered(message);
    }
  }

  private discover(message: Message, payload: Extract<Payload, { kind: 'registry.discover' }>): void {
    const { service, watch, index, waitMs } = payload;
    const now = this.port.now();
    const listing = this.registry.discover(service, now);
    if (watch === true) this.watches.add(service, message.from, message.link, listing);
    if (index === undefined) return this.list(message, listing);
    const chance = this.port.random('blocking', message.id);
    if (!this.questions.holds({ service, index, waitMs }, message, listing.index, now, chance)) {
      if (this.questions.size === MAX_HELD) {
        const words = `more than ${MAX_HELD} blocking queries: ${message.from} is answered at once`;
        this.port.emit({ type: 'limit.hit', limit: 'MAX_HELD', value: MAX_HELD, message: words });
      }
      return this.list(message, listing);
    }
    this.planNext();
  }

  /** The answer to a question; its index goes to those who gave one. */
  private list(message: Message, { addresses, index }: Listing): void {
    const { payload } = message;
    if (payload.kind !== 'registry.discover') return;
    const { service } = payload;
    const counted = payload.index === undefined ? {} : { index };
    this.answer(message, `found ${service}`, { kind: 'registry.result', service, ...counted, addresses });
  }

  private answerAll(messages: readonly Message[]): void {
    for (const message of messages)
      if (message.payload.kind === 'registry.discover')
        this.list(message, this.registry.discover(message.payload.service, this.port.now()));
  }

  /** The death of a neighbour changes no entry: its silence tells. */
  protected hear(body: Exclude<DeliveryBody, { type: 'start' | 'drain' | 'message' }>): void {
    if (body.type === 'reconfigure') this.replace();
    else if (body.type === 'peer.down') this.leftBy(body.instance);
    else if (body.type === 'refused') this.checks.refused(body.message, body.to);
  }

  private leftBy(instance: InstanceId): void {
    this.watches.forget(instance);
    this.questions.forget(({ from }) => from === instance);
    this.planNext();
  }

  protected due(token: { [key: string]: Json }): void {
    if (typeof token['check'] === 'string') return this.checks.due(token['check']);
    this.timerSet = null;
    const now = this.port.now();
    const changes = this.registry.expire(now, (n) => this.port.random('evict', now, n));
    const over = this.questions.expire(now);
    this.report(changes);
    this.answerAll(over);
  }

  /** Another configuration is another server: it begins empty, and everybody has to register again. */
  private replace(): void {
    const wanted = canonicalize(this.config as unknown as Json);
    if (wanted === this.made) return;
    this.made = wanted;
    const known = this.registry.entries();
    this.registry = createFlavour(this.config, this.port.now());
    this.watches = new Watches(this.port, this.config.engine === 'zookeeper');
    // Its answers begin at a lower index than those who wait have seen.
    this.answerAll(this.questions.forget(() => true));
    this.report(known.map((entry) => ({ ...entry, status: 'gone', expiresAt: null })));
  }

  private changed(message: Message, changes: Change[]): void {
    this.report(changes);
    this.answer(message, `ok ${message.operation}`, { kind: 'registry.ok' });
  }

  /** Tells what changed, whoever watches it or waits for it included. */
  private report(changes: Change[]): void {
    for (const change of changes) {
      if (change.status === 'gone') this.checks.end(change.instance);
      this.port.emit({ type: 'registry.changed', ...change });
    }
    for (const service of this.watches.services())
      this.watches.look(service, this.registry.discover(service, this.port.now()));
    this.answerAll(this.questions.changed((service) => this.registry.discover(service, this.port.now()).index));
    this.planNext();
  }

  /** Keeps one timer on the next thing that time will do. */
  private planNext(): void {
    const [next, over] = [this.registry.nextDue(), this.questions.nextDue()];
    const due = next === null || over === null ? (next ?? over) : Math.min(next, over);
    if (due === (this.timerSet?.due ?? null)) return;
    if (this.timerSet !== null) this.port.cancel(this.timerSet.handle);
    this.timerSet = due === null ? null : { handle: this.port.after(due - this.port.now(), { expire: due }), due };
  }
}

/** Makes the actor of a registry: it answers every request on its link and forgets everything when it restarts. */
export const registryActor: ActorFactory = (port) => new RegistryActor(port);
