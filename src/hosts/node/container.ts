import type { EventBody, LogEvent } from '../../core/fabric/event.ts';
import { type InstanceId, type Message, nodeOf } from '../../core/fabric/message.ts';
import type { HostPerformer } from '../../core/fabric/host-effect.ts';
import type { ActorFactory, InstanceInit, Peer } from '../../core/fabric/protocol.ts';
import { ActorHost } from './actor-host.ts';
import type { Carrier, Inbox } from './carrier.ts';
import type { RpcCodec } from '../../core/grpc/codec.ts';
import { rpcBehind } from '../../core/kinds/caller/rpc-behind.ts';
import { createGrpcSide } from '../../core/kinds/service/grpc-side.ts';
import { useGrpc } from '../../core/kinds/service/grpc-slot.ts';
import { grpcCarrier } from './carriers/grpc-client.ts';
import { httpCarrier } from './carriers/http-client.ts';
import { wallNowUs } from './clock.ts';
import { GrpcServer } from './grpc-server.ts';
import { HttpServer } from './http-server.ts';

export interface ContainerOptions {
  init: InstanceInit;
  factory: ActorFactory;
  /** Carriers to infrastructure by node id; `learn` tells an address that a registry named. */
  carriers(inbox: Inbox, learn: (instance: InstanceId, address: string) => void): Map<string, Carrier>;
  onEvent(event: LogEvent): void;
  /** Carries out host effects: signatures. */
  perform?: HostPerformer;
  /** `host:port` of the gRPC port of an instance where it is not its host with the port of its record. */
  grpcAddressOf?(instance: InstanceId): string | null;
  /** A bug in the actor. */
  onCrash(error: unknown): void;
}

/** How long a drain may take before the process ends anyway, in ms; below Compose's grace period of 10 s. */
const DRAIN_TIMEOUT_MS = 8_000;

/** One instance of a gateway, service or client with its sockets: an HTTP server, an HTTP client, and carriers to its infrastructure. */
export class Container {
  readonly host: ActorHost;
  private readonly server: HttpServer;
  private readonly http: Carrier;
  /** Null for who takes no gRPC. */
  private readonly grpcServer: GrpcServer | null;
  private readonly grpc: Carrier;
  private readonly carriers: Map<string, Carrier>;
  private readonly addresses = new Map<InstanceId, string>();
  private readonly options: ContainerOptions;
  /** Brokers and registries that have not answered the first consume or register yet. */
  private readonly awaited: Set<string>;
  private readonly stopped: Promise<string>;
  private tellStopped: (reason: string) => void = () => undefined;
  private isReady = false;
  private isDraining = false;
  private arrivals = 0;

  constructor(options: ContainerOptions) {
    this.options = options;
    const { init } = options;
    this.stopped = new Promise((resolve) => (this.tellStopped = resolve));
    this.awaited = new Set(init.record.kind === 'service' ? membershipsOf(init) : []);
    const inbox = this.inbox();
    this.carriers = options.carriers(inbox, (instance, address) => void this.addresses.set(instance, address));
    this.http = httpCarrier(inbox, (instance) => this.addressOf(instance));
    useGrpc(createGrpcSide);
    this.grpc = grpcCarrier(
      inbox,
      (instance) => this.grpcAddressOf(instance),
      (instance, rpc) => this.rpcOf(instance, rpc),
    );
    this.grpcServer =
      grpcPortOf(init.record) === undefined
        ? null
        : new GrpcServer({
            instance: init.instance,
            rpcOf: (rpc) => this.servedRpc(rpc),
            onMessage: (message) => this.host.deliver({ type: 'message', message }),
          });
    this.server = new HttpServer({
      instance: init.instance,
      isReady: () => this.isReady && this.awaited.size === 0 && !this.isDraining,
      onRequest: (message) => this.host.deliver({ type: 'message', message }),
    });
    this.host = new ActorHost({
      init,
      factory: options.factory,
      carry: (message) => this.carry(message),
      onEvent: (event) => this.observe(event),
      ...(options.perform ? { perform: options.perform } : {}),
      onStop: (reason) => this.tellStopped(reason),
      onCrash: (error) => options.onCrash(error),
    });
  }

  /** Opens the ports (0 = any free one; that of gRPC is the record's) and starts the actor; resolves with the port of HTTP. */
  async start(port: number, host?: string, grpcPort?: number): Promise<number> {
    const listening = await this.server.listen(port, host);
    const { record } = this.options.init;
    await this.grpcServer?.listen(grpcPort ?? grpcPortOf(record) ?? 0, host);
    const { instance, node, address } = this.options.init;
    this.host.tell({ type: 'instance.starting', instance, node, address });
    this.host.deliver({ type: 'start' });
    return listening;
  }

  /** Not ready any more, deregistered, requests and messages finished, sockets closed; takes at most `DRAIN_TIMEOUT_MS`. */
  async drain(): Promise<void> {
    if (this.isDraining) return;
    this.isDraining = true;
    const { instance } = this.options.init;
    this.host.tell({ type: 'instance.draining', instance });
    this.host.deliver({ type: 'drain' });
    const late = new Promise<string>((resolve) =>
      setTimeout(() => resolve('drain timed out'), DRAIN_TIMEOUT_MS).unref(),
    );
    const reason = await Promise.race([this.stopped, late]);
    await this.kill(reason);
  }

  /** Ends at once: no timers, no sockets. */
  async kill(reason: string): Promise<void> {
    const { instance } = this.options.init;
    this.host.tell({ type: 'instance.stopped', instance, reason } satisfies EventBody);
    this.host.end();
    await Promise.all([...this.carriers.values(), this.http, this.grpc].map((carrier) => carrier.close()));
    await Promise.all([this.server.close(), this.grpcServer?.close()]);
  }

  private observe(event: LogEvent): void {
    if (event.type === 'instance.ready' && event.instance === this.options.init.instance) this.isReady = true;
    this.options.onEvent(event);
  }

  private addressOf(instance: InstanceId): string | null {
    const learned = this.addresses.get(instance);
    if (learned !== undefined) return learned;
    for (const peer of this.host.init.peers) {
      const known = peer.instances.find((entry) => entry.instance === instance);
      if (known) return known.address;
    }
    // An address by hand that no neighbour has: whoever listens there, if anybody does.
    const written = instance.slice(nodeOf(instance).length + 1);
    return written.includes(':') ? written : null;
  }

  private grpcAddressOf(instance: InstanceId): string | null {
    if (this.options.grpcAddressOf) return this.options.grpcAddressOf(instance);
    const address = this.addressOf(instance);
    const record = this.host.init.peers.find((peer) => peer.node === nodeOf(instance))?.record;
    const port = record && grpcPortOf(record);
    return address === null || port === undefined ? null : `${address.slice(0, address.lastIndexOf(':'))}:${port}`;
  }

  private rpcOf(instance: InstanceId, rpc: string): RpcCodec | null {
    const isCalled = (peer: Peer): boolean => peer.kind === 'grpc' && peer.direction === 'out';
    const called = this.host.init.peers.find((peer) => isCalled(peer) && peer.node === nodeOf(instance));
    return called === undefined ? null : rpcBehind(called, rpc);
  }

  /** What a service says about an rpc that it is asked for; of a gateway what a service behind it says. */
  private servedRpc(rpc: string): RpcCodec | null {
    const { record, peers } = this.host.init;
    if (record.kind === 'service') return rpcBehind({ record }, rpc);
    for (const peer of peers) {
      const found = peer.kind === 'grpc' && peer.direction === 'out' ? rpcBehind(peer, rpc) : null;
      if (found !== null) return found;
    }
    return null;
  }

  private carry(message: Message): void {
    const { kind } = message.payload;
    if (kind === 'http.reply') {
      this.server.reply(message);
      return;
    }
    if (kind === 'grpc.reply' || kind === 'grpc.message') return this.grpcServer?.reply(message);
    const isGrpc = kind === 'grpc.request' || kind === 'grpc.cancel';
    const carrier = isGrpc ? this.grpc : kind === 'http.request' ? this.http : this.carriers.get(nodeOf(message.to));
    if (carrier) carrier.send(message);
    else queueMicrotask(() => this.inbox().refused(message, 'connection_refused'));
  }

  private inbox(): Inbox {
    return {
      arrive: (from, payload, more = {}) => {
        const t = wallNowUs();
        const { answers } = more;
        if (payload.kind === 'amqp.consume-ok' || payload.kind === 'registry.ok') this.awaited.delete(nodeOf(from));
        this.host.deliver({
          type: 'message',
          message: {
            id: `${from}:${this.options.init.instance}:${this.arrivals++}`,
            from,
            to: this.options.init.instance,
            link: more.link ?? answers?.link ?? this.linkTo(nodeOf(from)),
            operation: more.operation ?? answers?.operation ?? payload.kind,
            trace: more.trace ?? answers?.trace ?? null,
            payload,
            departAt: t,
            arriveAt: t,
            ...(answers ? { inReplyTo: answers.id } : {}),
          },
        });
      },
      refused: (message, reason) => {
        this.host.tell({ type: 'message.refused', message: message.id, to: message.to, reason });
        this.host.deliver({ type: 'refused', message: message.id, to: message.to, reason });
      },
      down: (instance, reason) => this.host.deliver({ type: 'peer.down', instance, reason }),
    };
  }

  private linkTo(node: string): string | null {
    return this.host.init.peers.find((peer) => peer.node === node)?.link ?? null;
  }
}

/** Where a service or gateway takes gRPC; undefined = nowhere. */
const grpcPortOf = (record: InstanceInit['record']): number | undefined =>
  record.kind === 'service' || record.kind === 'gateway' ? record.config.grpc?.port : undefined;

/** Nodes that must have answered once before the instance can be used: its brokers with subscriptions, its registries. */
function membershipsOf(init: InstanceInit): string[] {
  const { record } = init;
  const subscribed = record.kind === 'service' ? record.config.subscriptions.map((one) => one.broker) : [];
  return init.peers
    .filter(
      (peer) =>
        (peer.kind === 'subscribe' && peer.direction === 'in' && subscribed.includes(peer.node)) ||
        (peer.kind === 'discovery' && peer.direction === 'out'),
    )
    .map((peer) => peer.node);
}
