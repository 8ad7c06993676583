import type { Json } from '../../core/base/json.ts';
import { EventClass, eventId } from '../../core/base/order.ts';
import { hexId, random } from '../../core/base/random.ts';
import { payloadSize } from '../../core/fabric/encode.ts';
import type { EventBody, LogEvent } from '../../core/fabric/event.ts';
import type { HostEffect, HostEffectResult, HostPerformer } from '../../core/fabric/host-effect.ts';
import type { Message } from '../../core/fabric/message.ts';
import type {
  Actor,
  ActorFactory,
  ActorPort,
  DeliveryBody,
  InstanceInit,
  Outgoing,
} from '../../core/fabric/protocol.ts';
import { wallNowUs } from './clock.ts';

export interface ActorHostOptions {
  init: InstanceInit;
  factory: ActorFactory;
  /** Carries a message out of this process (or to a neighbour in it). Must not deliver anything back before it returns. */
  carry(message: Message): void;
  onEvent(event: LogEvent): void;
  /** Carries out what an actor asks of its host; absent = nothing can be asked. */
  perform?: HostPerformer;
  /** The actor asked to end (after a drain). */
  onStop(reason: string): void;
  /** The actor threw: a bug. */
  onCrash(error: unknown): void;
}

/** One instance on the wall clock: the same actor as in the tab behind a port whose timers and messages are real. */
export class ActorHost implements ActorPort {
  init: InstanceInit;
  private readonly actor: Actor;
  private readonly options: ActorHostOptions;
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private handles = 0;
  private seq: number;
  private t: number;
  private eventClass: 0 | 1 | 2 | 3 = EventClass.lifecycle;
  private readonly waiting: (() => void)[] = [];
  private effects: Promise<void> = Promise.resolve();
  private isBusy = false;
  private isEnded = false;

  constructor(options: ActorHostOptions) {
    this.options = options;
    this.init = options.init;
    this.seq = options.init.nextSeq;
    this.t = wallNowUs();
    this.actor = options.factory(this);
  }

  /** Hands one thing to the actor; while the actor is at work it waits its turn. */
  deliver(body: DeliveryBody): void {
    const isLifecycle = body.type === 'start' || body.type === 'drain' || body.type === 'peer.down';
    this.enter(isLifecycle ? EventClass.lifecycle : EventClass.message, () => {
      if (body.type === 'reconfigure') this.init = { ...this.init, record: body.record, peers: body.peers };
      if (body.type === 'faults') this.init = { ...this.init, faults: body.faults };
      this.actor.receive(body);
    });
  }

  /** Logs what a host does to the instance. */
  tell(body: EventBody): void {
    this.enter(EventClass.lifecycle, () => this.emit(body));
  }

  inspect(query: string): Json {
    return this.actor.inspect(query);
  }

  /** No timer fires and nothing is delivered any more. */
  end(): void {
    this.isEnded = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private enter(eventClass: 0 | 1 | 2 | 3, work: () => void): void {
    if (this.isEnded) return;
    if (this.isBusy) {
      this.waiting.push(() => this.enter(eventClass, work));
      return;
    }
    this.isBusy = true;
    // Strictly growing, so that the order of keys is the order in which things happened here.
    this.t = Math.max(wallNowUs(), this.t + 1);
    this.eventClass = eventClass;
    try {
      work();
    } catch (error) {
      this.end();
      this.options.onCrash(error);
      return;
    } finally {
      this.isBusy = false;
    }
    this.waiting.shift()?.();
  }

  now(): number {
    return this.t;
  }
  random(purpose: string, ...parts: (string | number)[]): number {
    return random(this.init.seed, purpose, ...parts);
  }
  hexId(purpose: string, digits: 16 | 32, ...parts: (string | number)[]): string {
    return hexId(this.init.seed, digits, purpose, this.init.instance, this.init.incarnation, ...parts);
  }
  send(outgoing: Omit<Outgoing, 't' | 'class' | 'seq'>): string {
    const id = eventId({ source: this.init.instance, seq: this.seq });
    const { to, link, operation, trace, payload } = outgoing;
    const message: Message = {
      id,
      from: this.init.instance,
      to,
      link,
      operation,
      trace,
      payload,
      departAt: this.t,
      arriveAt: this.t,
      ...(outgoing.inReplyTo === undefined ? {} : { inReplyTo: outgoing.inReplyTo }),
    };
    this.emit({
      type: 'message.sent',
      from: message.from,
      to,
      link,
      operation,
      inReplyTo: outgoing.inReplyTo ?? null,
      trace,
      // The wire does not say when it arrives.
      arriveAt: this.t,
      fate: 'deliver',
      size: payloadSize(payload),
      payload,
    });
    // The number after a message belongs to its refusal, as in the tab.
    this.seq += 1;
    this.options.carry(message);
    return id;
  }
  after(delayUs: number, token: Json): number {
    const handle = ++this.handles;
    const fire = (): void => {
      this.timers.delete(handle);
      this.enter(EventClass.timer, () => this.actor.timer(token));
    };
    this.timers.set(handle, setTimeout(fire, Math.max(1, delayUs) / 1000));
    return handle;
  }
  cancel(timer: number): void {
    clearTimeout(this.timers.get(timer));
    this.timers.delete(timer);
  }
  emit(body: EventBody): void {
    this.options.onEvent({ t: this.t, class: this.eventClass, source: this.init.instance, seq: this.seq++, ...body });
  }
  perform(effect: HostEffect, done: (result: HostEffectResult) => void): void {
    const { options } = this;
    // Results come in the order asked, as in the tab; here time goes on meanwhile.
    this.effects = this.effects
      .then(async () => {
        if (options.perform === undefined) throw new Error(`a host without performer was asked for ${effect.do}`);
        const result = await options.perform(effect);
        this.enter(EventClass.message, () => done(result));
      })
      .catch((error: unknown) => {
        if (!this.isEnded) options.onCrash(error);
      });
  }
  /** Crashed, the process ends and the container's restart policy brings it back. */
  stop(reason: string, crashed = false): void {
    if (crashed) this.options.onCrash(new Error(reason));
    else this.options.onStop(reason);
  }
}
