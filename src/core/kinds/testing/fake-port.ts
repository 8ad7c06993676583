import type { Json } from '../../base/json.ts';
import type { VirtualTime } from '../../base/order.ts';
import type { EventBody } from '../../fabric/event.ts';
import { EDGE, type Message, type Payload, type TraceContext } from '../../fabric/message.ts';
import type { HostEffect, HostEffectResult, HostPerformer } from '../../fabric/host-effect.ts';
import type { Actor, ActorFactory, ActorPort, DeliveryBody, InstanceInit } from '../../fabric/protocol.ts';

export interface SentMessage {
  id: string;
  t: VirtualTime;
  to: string;
  link: string | null;
  operation: string;
  inReplyTo?: string;
  trace: TraceContext | null;
  payload: Payload;
}

/** FNV-1a over the parts, mixed once more; only for tests. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** A deterministic port for unit tests of actors: virtual time moves only by `advance`, sends and events are collected. Ids and randomness depend only on the seed and the given parts. */
export class FakePort implements ActorPort {
  init: InstanceInit;
  readonly sent: SentMessage[] = [];
  readonly events: { t: VirtualTime; body: EventBody }[] = [];
  stopped: string | null = null;
  /** Host effects asked for and not performed yet. */
  asked: { effect: HostEffect; done(result: HostEffectResult): void }[] = [];
  private t: VirtualTime;
  private seq: number;
  private timers: { handle: number; due: VirtualTime; token: Json }[] = [];
  private handles = 0;
  private inbound = 0;
  private actor: Actor | null = null;
  private fire: (token: Json) => void = (token) => this.actor?.timer(token);

  constructor(init: InstanceInit) {
    this.init = init;
    this.t = init.startedAt;
    this.seq = init.nextSeq;
  }

  now(): VirtualTime {
    return this.t;
  }
  random(purpose: string, ...parts: (string | number)[]): number {
    return hash([this.init.seed, purpose, ...parts].join('|')) / 2 ** 32;
  }
  hexId(purpose: string, digits: 16 | 32, ...parts: (string | number)[]): string {
    const text = [this.init.seed, this.init.instance, purpose, ...parts].join('|');
    const word = (_: unknown, index: number): string => hash(`${text}|${index}`).toString(16).padStart(8, '0');
    return Array.from({ length: digits / 8 }, word).join('');
  }
  send(message: Parameters<ActorPort['send']>[0]): string {
    const id = `${this.init.instance}:${this.seq}`;
    this.seq += 2;
    this.sent.push({ id, t: this.t, ...message });
    return id;
  }
  after(delayUs: number, token: Json): number {
    this.handles += 1;
    this.timers.push({ handle: this.handles, due: this.t + Math.max(1, delayUs), token });
    return this.handles;
  }
  cancel(timer: number): void {
    this.timers = this.timers.filter((entry) => entry.handle !== timer);
  }
  emit(body: EventBody): void {
    this.events.push({ t: this.t, body });
  }
  stop(reason: string): void {
    this.stopped = reason;
  }
  perform(effect: HostEffect, done: (result: HostEffectResult) => void): void {
    this.asked.push({ effect, done });
  }
  /** Performs what was asked of the host, in order, until nothing is left; time stands still. */
  async settle(performer: HostPerformer): Promise<void> {
    for (let next = this.asked.shift(); next; next = this.asked.shift()) next.done(await performer(next.effect));
  }

  /** Makes the actor under test and remembers it for timers. */
  attach(factory: ActorFactory): Actor {
    this.actor = factory(this);
    return this.actor;
  }
  /** Hands timers to a function instead of an actor. */
  onTimer(handler: (token: Json) => void): void {
    this.fire = handler;
  }
  /** Moves time by `us`, firing due timers in order of (due, handle). */
  advance(us: number): void {
    const until = this.t + us;
    for (;;) {
      const ready = this.timers.filter((entry) => entry.due <= until);
      const next = ready.sort((a, b) => a.due - b.due || a.handle - b.handle)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((entry) => entry !== next);
      this.t = next.due;
      this.fire(next.token);
    }
    this.t = until;
  }
  /** When the next timer fires; null when none is set. */
  nextDue(): VirtualTime | null {
    return this.timers.reduce<VirtualTime | null>((least, { due }) => Math.min(least ?? due, due), null);
  }
  /** Renews the world as the runner does, then tells the actor. */
  reconfigure(record: InstanceInit['record'], peers: InstanceInit['peers']): void {
    this.init = { ...this.init, record, peers };
    this.deliver({ type: 'reconfigure', record, peers });
  }
  inspect(): Json {
    return this.actor?.inspect('') ?? null;
  }
  /** Delivers to the attached actor now. */
  deliver(body: DeliveryBody): void {
    this.actor?.receive(body);
  }
  /** A message to this instance, by default from the edge. Returns its id. */
  message(payload: Payload, from: Partial<Omit<Message, 'payload'>> = {}): string {
    this.inbound += 1;
    const id = from.id ?? `in:${this.inbound}`;
    const way = { from: EDGE, to: this.init.instance, link: null, operation: payload.kind, trace: null };
    const times = { departAt: this.t, arriveAt: this.t };
    this.deliver({ type: 'message', message: { ...times, ...way, ...from, id, payload } });
    return id;
  }
  /** Answers a sent message now. */
  reply(sent: SentMessage, payload: Payload): void {
    this.message(payload, { from: sent.to, link: sent.link, inReplyTo: sent.id, trace: sent.trace });
  }
  /** Sent messages of one payload kind. */
  sentOf<K extends Payload['kind']>(kind: K): (SentMessage & { payload: Extract<Payload, { kind: K }> })[] {
    const isKind = (entry: SentMessage): entry is SentMessage & { payload: Extract<Payload, { kind: K }> } =>
      entry.payload.kind === kind;
    return this.sent.filter(isKind);
  }
  /** Emitted events of one type. */
  eventsOf<T extends EventBody['type']>(type: T): Extract<EventBody, { type: T }>[] {
    const isType = (body: EventBody): body is Extract<EventBody, { type: T }> => body.type === type;
    return this.events.map((entry) => entry.body).filter(isType);
  }
}

/** A fake port for `init`. */
export const createFakePort = (init: InstanceInit): FakePort => new FakePort(init);
