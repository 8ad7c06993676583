import { createServer } from 'node:net';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { HostPerformer } from '../../core/fabric/host-effect.ts';
import type { InputBody } from '../../core/fabric/input.ts';
import {
  type HttpReply,
  type HttpRequest,
  instanceId,
  type InstanceId,
  type Message,
  nodeOf,
} from '../../core/fabric/message.ts';
import { AddressBook, declaredInstances, peersOf } from '../../core/fabric/peers.ts';
import type { ActorFactory, InstanceInit, Peer } from '../../core/fabric/protocol.ts';
import type { StoredRow } from '../../core/storage/types.ts';
import { initialData } from '../../core/topology/compile.ts';
import type { AnyExecutableNode, ExecutableTopology, NodeKind } from '../../core/topology/schema/types.ts';
import { ActorHost } from './actor-host.ts';
import type { Carrier, Inbox } from './carrier.ts';
import { plainHeaders } from './carriers/http-client.ts';
import { wallNowUs } from './clock.ts';
import { Container } from './container.ts';
import { withoutModelledTime } from './container-init.ts';
import { listen } from './listen.ts';

const LOOPBACK = '127.0.0.1';

/** A whole drawing on this machine without servers: services, gateways and clients talk real HTTP over loopback; databases, brokers and registries are the tab's own actors in memory. */
export class LocalSystem {
  readonly events: LogEvent[] = [];
  private readonly topology: ExecutableTopology;
  private readonly seed: number;
  private readonly factories: Record<NodeKind, ActorFactory>;
  private readonly containers = new Map<InstanceId, Container>();
  private readonly memory = new Map<InstanceId, ActorHost>();
  private readonly inboxes = new Map<InstanceId, Inbox>();
  private readonly asked = new Map<string, Message>();
  private readonly ports = new Map<InstanceId, number>();
  private readonly grpcPorts = new Map<InstanceId, number>();
  private readonly rows = new Map<string, Map<string, StoredRow>>();
  private readonly perform: HostPerformer | undefined;
  private crash: unknown = null;
  private inputs = 0;

  constructor(
    topology: ExecutableTopology,
    seed: number,
    factories: Record<NodeKind, ActorFactory>,
    perform?: HostPerformer,
  ) {
    this.perform = perform;
    this.topology = topology;
    this.seed = seed;
    this.factories = factories;
  }

  /** Starts infrastructure, then the rest; resolves when every service answers /readyz. */
  async start(): Promise<void> {
    const declared = declaredInstances(this.topology);
    for (const { instance, node } of declared) {
      if (this.isMemory(node)) continue;
      this.ports.set(instance, await freePort());
      this.grpcPorts.set(instance, await freePort());
    }
    const stored = initialData(this.topology);
    for (const { instance, node } of declared) {
      if (!this.isMemory(node)) continue;
      const rows = stored[node] ?? [];
      this.rows.set(node, new Map(rows.map((row) => [`${row.table}/${row.key}`, row])));
      const host = this.createMemory(this.initOf(instance, node, 0, rows));
      this.memory.set(instance, host);
      host.deliver({ type: 'start' });
    }
    for (const { instance, node, ordinal } of declared) {
      if (!this.isMemory(node)) await this.startContainer(this.initOf(instance, node, ordinal, []));
    }
    await this.whenReady();
  }

  /** Sends a request to the first instance of a node over loopback and returns its reply. */
  async request(node: string, request: HttpRequest): Promise<HttpReply> {
    const port = this.ports.get(instanceId(node, 0));
    const response = await fetch(`http://${LOOPBACK}:${port}${request.path}`, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: 'manual',
    });
    const body = await response.text();
    const headers = plainHeaders(Object.fromEntries(response.headers));
    return { status: response.status, headers, body: body === '' ? null : body };
  }

  /** Gives an input to the first instance of a client, as a person does in the tab. */
  byHand(input: InputBody): void {
    if (input.kind !== 'request') return;
    const seq = this.inputs++;
    this.containers.get(instanceId(input.node, 0))?.host.deliver({ type: 'input', seq, input });
  }

  /** Starts instances of a service until so many run; who calls it learns of them from a registry. */
  async scale(node: string, replicas: number): Promise<void> {
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const instance = instanceId(node, ordinal);
      if (this.containers.has(instance)) continue;
      this.ports.set(instance, await freePort());
      this.grpcPorts.set(instance, await freePort());
      await this.startContainer(this.initOf(instance, node, ordinal, []));
    }
  }

  /** Port on this machine at which the first instance of a service answers over gRPC. */
  grpcPortOf(node: string): number {
    return this.grpcPorts.get(instanceId(node, 0)) ?? 0;
  }

  /** Durable rows of a database now, sorted by table and key. */
  stored(store: string): StoredRow[] {
    const rows = [...(this.rows.get(store)?.values() ?? [])];
    return rows.sort((a, b) => (`${a.table}/${a.key}` < `${b.table}/${b.key}` ? -1 : 1));
  }

  /** Ends one instance at once, as a kill does; its neighbours see closed connections. */
  async kill(instance: InstanceId): Promise<void> {
    await this.containers.get(instance)?.kill('killed');
    this.containers.delete(instance);
    for (const host of this.memory.values()) host.deliver({ type: 'peer.down', instance, reason: 'killed' });
  }

  /** Drains one instance as SIGTERM does. */
  async drain(instance: InstanceId): Promise<void> {
    await this.containers.get(instance)?.drain();
    this.containers.delete(instance);
  }

  /** Ends everything; throws when an actor threw meanwhile. */
  async stop(): Promise<void> {
    await Promise.all([...this.containers.values()].map((container) => container.kill('test ended')));
    for (const host of this.memory.values()) host.end();
    if (this.crash !== null) throw this.crash;
  }

  private isMemory(node: string): boolean {
    const kind = this.topology.nodes[node]?.kind;
    return kind === 'database' || kind === 'broker' || kind === 'registry';
  }

  private addressOf(instance: InstanceId): string {
    return `${LOOPBACK}:${this.ports.get(instance) ?? 0}`;
  }

  private initOf(instance: InstanceId, node: string, ordinal: number, stored: StoredRow[]): InstanceInit {
    const record = this.topology.nodes[node] as AnyExecutableNode;
    const peers = peersOf(node, this.topology, new AddressBook()).map((peer): Peer => ({
      ...peer,
      instances: peer.instances.map((entry) => ({ ...entry, address: this.addressOf(entry.instance) })),
    }));
    return {
      instance,
      node,
      ordinal,
      address: this.addressOf(instance),
      seed: this.seed,
      startedAt: wallNowUs(),
      incarnation: wallNowUs(),
      record: withoutModelledTime(record),
      peers,
      faults: [],
      nextSeq: 0,
      stored,
    };
  }

  private observe(event: LogEvent): void {
    this.events.push(event);
    if (event.type !== 'store.applied') return;
    const { store, table, key, after } = event;
    if (after === null) this.rows.get(store)?.delete(`${table}/${key}`);
    else this.rows.get(store)?.set(`${table}/${key}`, { table, key, row: after });
  }

  private createMemory(init: InstanceInit): ActorHost {
    return new ActorHost({
      init,
      factory: this.factories[init.record.kind],
      carry: (message) => setImmediate(() => this.fromMemory(message)),
      onEvent: (event) => this.observe(event),
      onStop: () => undefined,
      onCrash: (error) => (this.crash ??= error),
    });
  }

  /** An answer or delivery of a database, broker or registry to the instance that it is for. */
  private fromMemory(message: Message): void {
    const answers = message.inReplyTo === undefined ? undefined : this.asked.get(message.inReplyTo);
    if (message.inReplyTo !== undefined) this.asked.delete(message.inReplyTo);
    const { link, operation, trace } = message;
    this.inboxes
      .get(message.to)
      ?.arrive(message.from, message.payload, { link, operation, trace, ...(answers ? { answers } : {}) });
  }

  private memoryCarrier(inbox: Inbox, node: string): Carrier {
    return {
      send: (message) => {
        this.asked.set(message.id, message);
        setImmediate(() => {
          const host = this.memory.get(instanceId(node, 0));
          if (host) host.deliver({ type: 'message', message });
          else inbox.refused(message, 'connection_refused');
        });
      },
      close: () => Promise.resolve(),
    };
  }

  private async startContainer(init: InstanceInit): Promise<void> {
    const container = new Container({
      init,
      factory: this.factories[init.record.kind],
      carriers: (inbox, learn) => {
        const learning: Inbox = {
          ...inbox,
          arrive: (from, payload, more) => {
            if (payload.kind === 'registry.result' || payload.kind === 'registry.notice')
              for (const { instance, address } of payload.addresses ?? []) learn(instance, address);
            inbox.arrive(from, payload, more);
          },
        };
        this.inboxes.set(init.instance, learning);
        const nodes = [...new Set(init.peers.map((peer) => peer.node))].filter((node) => this.isMemory(node));
        return new Map(nodes.map((node) => [node, this.memoryCarrier(learning, node)]));
      },
      onEvent: (event) => this.observe(event),
      ...(this.perform === undefined ? {} : { perform: this.perform }),
      onCrash: (error) => (this.crash ??= error),
      grpcAddressOf: (instance) => {
        const port = this.grpcPorts.get(instance);
        return port === undefined ? null : `${LOOPBACK}:${port}`;
      },
    });
    this.containers.set(init.instance, container);
    await container.start(this.ports.get(init.instance) ?? 0, LOOPBACK, this.grpcPorts.get(init.instance));
  }

  private async whenReady(): Promise<void> {
    for (const instance of this.containers.keys()) {
      if (this.topology.nodes[nodeOf(instance)]?.kind === 'client') continue;
      const deadline = Date.now() + 10_000;
      while (!(await isReady(this.addressOf(instance)))) {
        if (this.crash !== null) throw this.crash;
        if (Date.now() > deadline) throw new Error(`Failed to start ${instance}: not ready after 10 s`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }
}

const isReady = async (address: string): Promise<boolean> => (await fetch(`http://${address}/readyz`)).status === 200;

/** A port that is free now; the caller has to take it soon. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0, LOOPBACK);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
