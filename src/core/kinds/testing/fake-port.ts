import type { Json } from '../../base/json.ts';
import type { VirtualTime } from '../../base/order.ts';
import type { EventBody } from '../../fabric/event.ts';
import { EDGE, type Message, type Payload, type TraceContext } from '../../fabric/message.ts';
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

/** A deterministic port for unit tests of actors: virtual time moves only by `advance`, sends and events are collected. */
export interface FakePort extends ActorPort {
  sent: SentMessage[];
  events: { t: VirtualTime; body: EventBody }[];
  stopped: string | null;
  /** Makes the actor under test and remembers it for timers. */
  attach(factory: ActorFactory): Actor;
  /** Hands timers to a function instead of an actor. */
  onTimer(handler: (token: Json) => void): void;
  /** Moves time by `us`, firing due timers in order of (due, handle). */
  advance(us: number): void;
  /** Renews the world as the runner does, then tells the actor. */
  reconfigure(record: InstanceInit['record'], peers: InstanceInit['peers']): void;
  inspect(): Json;
  /** Delivers to the attached actor now. */
  deliver(body: DeliveryBody): void;
  /** A message to this instance, by default from the edge. Returns its id. */
  message(payload: Payload, from?: Partial<Omit<Message, 'payload'>>): string;
  /** Answers a sent message now. */
  reply(sent: SentMessage, payload: Payload): void;
  /** Sent messages of one payload kind. */
  sentOf<K extends Payload['kind']>(kind: K): (SentMessage & { payload: Extract<Payload, { kind: K }> })[];
  /** Emitted events of one type. */
  eventsOf<T extends EventBody['type']>(type: T): Extract<EventBody, { type: T }>[];
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

/** A fake port for `init`; ids and randomness depend only on the seed and the given parts. */
export function createFakePort(first: InstanceInit): FakePort {
  let init = first;
  let now: VirtualTime = init.startedAt;
  let seq = init.nextSeq;
  let timers: { handle: number; due: VirtualTime; token: Json }[] = [];
  let handles = 0;
  let inbound = 0;
  let actor: Actor | null = null;
  let fire: (token: Json) => void = (token) => actor?.timer(token);
  const hex = (text: string, digits: number): string =>
    Array.from({ length: digits / 8 }, (_, index) => hash(`${text}|${index}`).toString(16).padStart(8, '0')).join('');

  const fake: FakePort = {
    get init() {
      return init;
    },
    reconfigure(record, peers) {
      init = { ...init, record, peers };
      actor?.receive({ type: 'reconfigure', record, peers });
    },
    inspect: () => actor?.inspect('') ?? null,
    sent: [],
    events: [],
    stopped: null,
    now: () => now,
    random: (purpose, ...parts) => hash([init.seed, purpose, ...parts].join('|')) / 2 ** 32,
    hexId: (purpose, digits, ...parts) => hex([init.seed, init.instance, purpose, ...parts].join('|'), digits),
    send(message) {
      const id = `${init.instance}:${seq}`;
      seq += 2;
      fake.sent.push({ id, t: now, ...message });
      return id;
    },
    after(delayUs, token) {
      handles += 1;
      timers.push({ handle: handles, due: now + Math.max(1, delayUs), token });
      return handles;
    },
    cancel(timer) {
      timers = timers.filter((entry) => entry.handle !== timer);
    },
    emit: (body) => void fake.events.push({ t: now, body }),
    stop(reason) {
      fake.stopped = reason;
    },
    attach(factory) {
      actor = factory(fake);
      return actor;
    },
    onTimer(handler) {
      fire = handler;
    },
    advance(us) {
      const until = now + us;
      for (;;) {
        const due = timers
          .filter((entry) => entry.due <= until)
          .sort((a, b) => a.due - b.due || a.handle - b.handle)[0];
        if (due === undefined) break;
        timers = timers.filter((entry) => entry !== due);
        now = due.due;
        fire(due.token);
      }
      now = until;
    },
    deliver: (body) => actor?.receive(body),
    message(payload, from = {}) {
      inbound += 1;
      const id = from.id ?? `in:${inbound}`;
      const defaults = { from: EDGE, to: init.instance, link: null, operation: payload.kind, trace: null };
      fake.deliver({ type: 'message', message: { departAt: now, arriveAt: now, ...defaults, ...from, id, payload } });
      return id;
    },
    reply(sent, payload) {
      fake.message(payload, { from: sent.to, link: sent.link, inReplyTo: sent.id, trace: sent.trace });
    },
    sentOf: <K extends Payload['kind']>(kind: K) =>
      fake.sent.filter((entry) => entry.payload.kind === kind) as (SentMessage & {
        payload: Extract<Payload, { kind: K }>;
      })[],
    eventsOf: <T extends EventBody['type']>(type: T) =>
      fake.events.map((entry) => entry.body).filter((body) => body.type === type) as Extract<EventBody, { type: T }>[],
  };
  return fake;
}
