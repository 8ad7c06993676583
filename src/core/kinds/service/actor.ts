import { isObject, type Json } from '../../base/json.ts';
import { assert } from '../../base/result.ts';
import { TemplateCache, usesOutbox } from '../../behaviour/compiled.ts';
import type { Failure } from '../../behaviour/effect.ts';
import { outboxRelay } from '../../behaviour/outbox.ts';
import { EDGE, type HttpRequest, type Message, type TraceContext } from '../../fabric/message.ts';
import type { Actor, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { extractTrace } from '../../http/trace-context.ts';
import type { ConfigOf } from '../../topology/types.ts';
import { createCaller } from '../caller/http-caller.ts';
import { amqpWork } from './amqp-inbound.ts';
import { Asker } from './asker.ts';
import { startRun, type RunContext, type RunParts } from './handler-run.ts';
import { httpWork, type Origin } from './http-inbound.ts';
import { Memberships } from './memberships.ts';
import { beginWork, worldOf, type Work } from './work.ts';

/** Pause before a relay that failed tries again. ms */
const RELAY_RETRY_MS = 1000;

/** A drawn service: endpoints over HTTP, subscriptions over a broker, its own database, registration and heartbeats. */
export const serviceActor = (port: ActorPort): Actor => new ServiceActor(port);

class ServiceActor implements Actor {
  private readonly port: ActorPort;
  private readonly parts: RunParts;
  private readonly asker: Asker;
  private readonly memberships: Memberships;
  private templates = new TemplateCache();
  private readonly sleeping = new Map<number, () => void>();
  private sleeps = 0;
  private relays = 0;
  private ready = false;
  private draining = false;
  private inFlight = 0;
  private readonly relaying = new Set<string>();
  private readonly relayAgain = new Set<string>();

  constructor(port: ActorPort) {
    this.port = port;
    this.asker = new Asker(port);
    this.memberships = new Memberships(port, this.asker);
    this.parts = {
      port,
      asker: this.asker,
      caller: createCaller(port),
      sleep: (ms, resume) => this.sleep(ms, resume),
      relay: (store) => this.relay(store),
    };
  }

  private get config(): ConfigOf<'service'> {
    const { record } = this.port.init;
    assert(record.kind === 'service', 'service actor runs a service');
    return record.config;
  }

  receive(body: DeliveryBody): void {
    if (this.parts.caller.handles(body) || this.asker.handles(body)) return;
    switch (body.type) {
      case 'start':
        return this.sleep(this.config.startupMs, () => this.begin());
      case 'message':
        return this.message(body.message);
      case 'input':
        return this.fromEdge(body.seq, body.input.request ?? null);
      case 'peer.down':
        return this.memberships.peerDown(body.instance);
      case 'reconfigure':
        this.templates = new TemplateCache();
        if (this.ready) this.memberships.join();
        return;
      case 'drain':
        return this.drain();
      case 'faults':
      case 'refused':
        return;
    }
  }

  timer(token: Json): void {
    if (this.parts.caller.timer(token) || this.asker.timer(token) || this.memberships.timer(token)) return;
    if (!isObject(token)) return;
    if (typeof token['sleep'] === 'number') {
      const resume = this.sleeping.get(token['sleep']);
      this.sleeping.delete(token['sleep']);
      resume?.();
    } else if (typeof token['relay'] === 'string') this.relay(token['relay']);
  }

  inspect(): Json {
    return { ready: this.ready, draining: this.draining, inFlight: this.inFlight };
  }

  private sleep(ms: number, resume: () => void): void {
    const id = ++this.sleeps;
    this.sleeping.set(id, resume);
    this.port.after(Math.round(ms * 1000), { sleep: id });
  }

  private begin(): void {
    this.ready = true;
    this.port.emit({ type: 'instance.ready', instance: this.port.init.instance });
    this.memberships.join();
    // What a crash left between commit and confirm is published now (DB4).
    const store = worldOf(this.port).ownedStore;
    const { endpoints, subscriptions } = this.config;
    if (store !== null && [...endpoints, ...subscriptions].some((h) => usesOutbox(h.steps))) this.relay(store);
  }

  private drain(): void {
    this.draining = true;
    this.memberships.leave();
    this.stopWhenIdle();
  }

  private stopWhenIdle(): void {
    if (this.draining && this.inFlight === 0) this.port.stop('drained');
  }

  private message(message: Message): void {
    const { payload } = message;
    const origin: Origin = { to: message.from, link: message.link, inReplyTo: message.id };
    if (payload.kind === 'http.request') this.http(message.trace ?? extractTrace(payload.headers), payload, origin);
    else if (payload.kind === 'amqp.deliver')
      this.work(amqpWork(this.port, this.config, message, payload, () => this.workDone()));
  }

  private fromEdge(seq: number, request: HttpRequest | null): void {
    if (request) this.http(extractTrace(request.headers), request, { to: EDGE, link: null, inReplyTo: `input:${seq}` });
  }

  private http(incoming: TraceContext | null, request: HttpRequest, origin: Origin): void {
    this.work(httpWork(this.port, this.config, this.ready, incoming, request, origin, () => this.workDone()));
  }

  private work(work: Work): void {
    this.inFlight += 1;
    beginWork(this.parts, this.config, this.templates, work);
  }

  private workDone(): void {
    this.inFlight -= 1;
    this.stopWhenIdle();
  }

  /** One relay per store at a time; a request that comes meanwhile runs it once more. */
  private relay(store: string): void {
    if (this.relaying.has(store)) {
      this.relayAgain.add(store);
      return;
    }
    this.relaying.add(store);
    const run = ++this.relays;
    const traceId = this.port.hexId('relay-trace', 32, run);
    const spanId = this.port.hexId('relay', 16, run);
    this.port.emit({
      type: 'span.started',
      traceId,
      spanId,
      parentSpanId: null,
      kind: 'INTERNAL',
      name: 'outbox relay',
      attributes: {},
      links: [],
      saga: null,
    });
    const context: RunContext = { trace: { traceId, spanId }, spanId, attempt: 0, respond: () => {} };
    const finished = (failure: Failure | null): void => {
      this.port.emit({
        type: 'span.ended',
        traceId,
        spanId,
        status: failure ? 'error' : 'unset',
        description: failure?.message ?? null,
        attributes: {},
      });
      this.relaying.delete(store);
      const again = this.relayAgain.delete(store);
      if (failure) this.port.after(RELAY_RETRY_MS * 1000, { relay: store });
      else if (again) this.relay(store);
    };
    startRun(this.parts, context, () => outboxRelay(store), finished);
  }
}
