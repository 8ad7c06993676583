import { isObject, type Json } from '../../base/json.ts';
import { assert } from '../../base/result.ts';
import { TemplateCache, usesOutbox } from '../../behaviour/compiled.ts';
import { slowness } from '../../fabric/faults.ts';
import { EDGE, type HttpReply, type HttpRequest, type Message, type TraceContext } from '../../fabric/message.ts';
import type { Actor, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { extractTrace } from '../../http/trace-context.ts';
import { handlersOf } from '../../topology/steps.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';
import { createCaller } from '../caller/http-caller.ts';
import { createPolicyCaller } from '../caller/policy-caller.ts';
import { amqpWork } from './amqp-inbound.ts';
import { Asker } from './asker.ts';
import { callPolicies } from './call-policies.ts';
import { Doorway } from './doorway.ts';
import { Drain } from './drain.ts';
import { createGrpc, needsGrpc, type GrpcSide, type Serving } from './grpc-slot.ts';
import { HealthChecks } from './health.ts';
import type { RunParts } from './run-context.ts';
import { httpWork, type Origin } from './http-inbound.ts';
import { Memberships } from './memberships.ts';
import { Relay } from './relay.ts';
import { handleWork, openWork, worldOf, type Work } from './work.ts';

/** Deliveries that an instance remembers to tell a duplicate from a new one. */
const REMEMBERED_SPANS = 1000;

/** A drawn service: endpoints over HTTP, subscriptions over a broker, its own database, registration and heartbeats. */
export const serviceActor = (port: ActorPort): Actor => new ServiceActor(port);

class ServiceActor implements Actor {
  private readonly port: ActorPort;
  private readonly parts: RunParts;
  private readonly asker: Asker;
  private readonly memberships: Memberships;
  private readonly relay: Relay;
  private grpcSide: GrpcSide | null = null;
  /** How often a delivery with this span was begun here: a message that comes twice is handled in two spans. */
  private readonly begun = new Map<string, number>();
  private templates = new TemplateCache();
  private policies: ReturnType<typeof callPolicies>;
  private readonly sleeping = new Map<number, () => void>();
  private sleeps = 0;
  private readonly doorway: Doorway;
  private readonly health: HealthChecks;
  private readonly ending: Drain;
  /** It listens; whether it is in rotation is for its health checks to say. */
  private ready = false;
  private wasReady = false;
  private inFlight = 0;

  constructor(port: ActorPort) {
    this.port = port;
    this.policies = callPolicies(this.config);
    this.asker = new Asker(port);
    this.memberships = new Memberships(port, this.asker);
    this.parts = {
      port,
      asker: this.asker,
      caller: createCaller(port),
      grpc: () => this.grpc,
      policies: createPolicyCaller(port),
      policyOf: (call) => this.policies.get(call),
      sleep: (ms, resume) => this.sleep(ms, resume),
      relay: (store, ids) => this.relay.request(store, ids),
    };
    this.relay = new Relay(this.parts, () => this.ending.check());
    // What was committed here is published here: nobody else would before the next start.
    this.ending = new Drain(port, () => this.inFlight + (this.relay.isIdle ? 0 : 1));
    this.doorway = new Doorway(port, (work) => handleWork(this.parts, this.config, this.templates, work));
    this.health = new HealthChecks(port, {
      request: (path, probe, done) => this.probe(path, probe, done),
      rotate: (isReady) => this.rotate(isReady),
    });
  }

  private get config(): ConfigOf<'service'> {
    const { record } = this.port.init;
    assert(record.kind === 'service', 'service actor runs a service');
    return record.config;
  }

  /** Made when it is needed first; an instance keeps it when its last gRPC link goes. */
  private get grpc(): GrpcSide | null {
    const { record, peers } = this.port.init;
    if (this.grpcSide === null && needsGrpc(record, peers)) this.grpcSide = createGrpc(this.port);
    return this.grpcSide;
  }

  private get serving(): Serving {
    return { config: this.config, closed: this.closed, draining: this.ending.draining };
  }

  receive(body: DeliveryBody): void {
    // Both clients hear the answers of a registry.
    const isGrpc = this.grpc?.handles(body) === true;
    if (this.parts.caller.handles(body) || isGrpc || this.asker.handles(body)) return;
    switch (body.type) {
      case 'start':
        this.health.start();
        return this.sleep(this.config.startupMs * slowness(this.port), () => this.begin());
      case 'message':
        return this.message(body.message);
      case 'input':
        return this.fromEdge(body.seq, body.input.request ?? null);
      case 'peer.down':
        this.grpc?.peerDown(body.instance);
        return this.memberships.peerDown(body.instance);
      case 'reconfigure':
        this.templates = new TemplateCache();
        this.policies = callPolicies(this.config);
        this.parts.policies.reconfigure(this.policies);
        if (this.ready) this.memberships.join();
        return this.health.reconfigure();
      case 'drain':
        return this.drain();
      case 'faults':
      case 'refused':
        return;
    }
  }

  timer(token: Json): void {
    if (
      this.parts.caller.timer(token) ||
      this.parts.policies.timer(token) ||
      this.grpc?.timer(token) === true ||
      this.asker.timer(token) ||
      this.memberships.timer(token) ||
      this.relay.timer(token) ||
      this.health.timer(token) ||
      this.ending.timer(token)
    )
      return;
    if (!isObject(token)) return;
    if (typeof token['sleep'] !== 'number') return;
    const resume = this.sleeping.get(token['sleep']);
    this.sleeping.delete(token['sleep']);
    resume?.();
  }

  inspect(): Json {
    return { ready: this.ready, draining: this.ending.draining, inFlight: this.inFlight };
  }

  private sleep(ms: number, resume: () => void): void {
    const id = ++this.sleeps;
    this.sleeping.set(id, resume);
    this.port.after(Math.round(ms * 1000), { sleep: id });
  }

  private begin(): void {
    this.ready = true;
    this.health.listening();
    // Consumers do not wait for readiness: it is about requests.
    this.memberships.join();
    // What a crash left between commit and confirm is published now (DB4).
    const store = worldOf(this.port).ownedStore;
    if (store !== null && handlersOf(this.config).some((h) => usesOutbox(h.steps))) this.relay.recover(store);
  }

  /** Ready for the first time, out of rotation, or back in it. */
  private rotate(isReady: boolean): void {
    if (isReady && !this.wasReady) this.port.emit({ type: 'instance.ready', instance: this.port.init.instance });
    this.wasReady ||= isReady;
    this.memberships.rotate(isReady);
  }

  private drain(): void {
    this.health.end();
    this.memberships.leave();
    this.ending.begin();
    this.grpc?.healthChanged(this.serving);
  }

  /** A request by the node agent: on the machine itself, so without a link, but handled like any other. */
  private probe(path: string, probe: string, done: (status: number) => void): void {
    const headers = { 'user-agent': 'kube-probe/1.34' };
    const origin = { to: this.port.init.instance, link: null, inReplyTo: `probe:${probe}` };
    const answer = ({ status }: HttpReply): void => done(status);
    this.http(null, { method: 'GET', path, headers, body: null }, { ...origin, answer });
  }

  private message(message: Message): void {
    const { payload } = message;
    const origin: Origin = { to: message.from, link: message.link, inReplyTo: message.id };
    if (payload.kind === 'http.request') this.http(message.trace ?? extractTrace(payload.headers), payload, origin);
    else if (payload.kind === 'grpc.request') this.rpc(message, payload);
    else if (payload.kind === 'grpc.cancel') this.grpc?.cancel(payload.request);
    else if (this.memberships.message(message)) return;
    else if (payload.kind === 'amqp.deliver')
      this.work(
        amqpWork(
          this.port,
          this.config,
          message,
          payload,
          (spanId) => this.occurrence(spanId),
          () => this.workDone(),
        ),
      );
  }

  private rpc(message: Message, payload: Extract<Message['payload'], { kind: 'grpc.request' }>): void {
    const work = this.grpc?.work(
      this.serving,
      message,
      payload,
      (spanId) => this.occurrence(spanId),
      () => this.workDone(),
    );
    if (work !== undefined) this.work(work);
  }

  private fromEdge(seq: number, request: HttpRequest | null): void {
    if (request) this.http(extractTrace(request.headers), request, { to: EDGE, link: null, inReplyTo: `input:${seq}` });
  }

  private http(incoming: TraceContext | null, request: HttpRequest, origin: Origin): void {
    this.work(
      httpWork(
        this.port,
        this.config,
        this.closed,
        incoming,
        request,
        origin,
        (spanId) => this.occurrence(spanId),
        () => this.workDone(),
      ),
    );
  }

  private get closed(): 'starting' | 'stopping' | null {
    if (!this.ready) return 'starting';
    return this.ending.over ? 'stopping' : null;
  }

  private work(work: Work): void {
    this.inFlight += 1;
    if (!openWork(this.port, work)) return;
    if (work.kind === 'SERVER') this.doorway.enter(work);
    else handleWork(this.parts, this.config, this.templates, work);
  }

  private occurrence(spanId: string): number {
    const n = this.begun.get(spanId) ?? 0;
    this.begun.set(spanId, n + 1);
    const oldest = this.begun.keys().next().value;
    if (this.begun.size > REMEMBERED_SPANS && oldest !== undefined) this.begun.delete(oldest);
    return n;
  }

  private workDone(): void {
    this.inFlight -= 1;
    this.ending.check();
  }
}
