import type { Json } from '../base/json.ts';
import type { VirtualTime } from '../base/order.ts';
import type { Result } from '../base/result.ts';
import type { StoredRow } from '../storage/types.ts';
import type { AnyExecutableNode, Fault, LinkKind, Resolve } from '../topology/schema/types.ts';
import type { LogEvent } from './event.ts';
import type { HostEffect, HostEffectResult } from './host-effect.ts';
import type { InputBody } from './input.ts';
import type { InstanceId, Message, Payload, TraceContext } from './message.ts';

/** A neighbour over one link. `direction` seen from this instance: `out` = this node is the link's `from`. */
export interface Peer {
  link: string;
  kind: LinkKind;
  direction: 'out' | 'in';
  node: string;
  /** Executable record of the neighbour (its endpoints, tables, queues). */
  record: AnyExecutableNode;
  /** All declared instances, alive or not, by ordinal: what DNS would answer. `version`: of one that a rolling release has not replaced yet. */
  instances: { instance: InstanceId; address: string; version?: string }[];
  /** Registries (node ids) that the neighbour itself is linked to; absent = not told, then a service is taken to use the registry of the asker. */
  registries?: string[];
  /** How the caller of this link resolves the neighbour; absent = the registry that both use, else DNS. */
  resolve?: Resolve;
  /** Over gRPC to a gateway: the proto texts of the services behind it, which its callers were built with. */
  protos?: string[];
}

/** Everything an instance knows of the world when it starts or is reconfigured. */
export interface InstanceInit {
  instance: InstanceId;
  node: string;
  ordinal: number;
  address: string;
  seed: number;
  startedAt: VirtualTime;
  /** How many times this instance started before in this run (0 first): part of ids, so that a restart does not repeat them. */
  incarnation: number;
  record: AnyExecutableNode;
  peers: Peer[];
  faults: Fault[];
  /** First free per-source counter. */
  nextSeq: number;
  /** Durable rows of a database, broker or persistent registry; filled by the host from its store. */
  stored: StoredRow[];
  /** Signing secrets (64 hex digits) by node id of the service that issues tokens; absent = derived from the seed. Never logged. */
  secrets?: Record<string, string>;
}

/** What arrives at an instance. Timers are its own and never cross the border. */
export type DeliveryBody =
  | { type: 'start' }
  | { type: 'input'; seq: number; input: Extract<InputBody, { kind: 'request' }> }
  | { type: 'reconfigure'; record: AnyExecutableNode; peers: Peer[] }
  | { type: 'faults'; faults: Fault[] }
  | { type: 'drain' }
  /** The instance stood still until now; for the runner alone, no actor hears it. */
  | { type: 'resumed' }
  /** A neighbour died or stopped: its connections are closed. */
  | { type: 'peer.down'; instance: InstanceId; reason: string }
  | { type: 'message'; message: Message }
  /** A message that this instance sent reached nobody. */
  | { type: 'refused'; message: string; to: InstanceId; reason: 'connection_refused' | 'connection_reset' };
export interface Delivery {
  t: VirtualTime;
  class: 0 | 1 | 3;
  source: string;
  seq: number;
  body: DeliveryBody;
}

/** What an instance wants to send; the fabric decides when and whether it arrives. `id`, `t`, `class`, `seq` identify its `message.sent` event. */
export interface Outgoing {
  t: VirtualTime;
  class: 0 | 1 | 2 | 3;
  /** Reserved counter: `seq` for `message.sent`, `seq + 1` for its refusal. */
  seq: number;
  to: InstanceId;
  link: string | null;
  operation: string;
  inReplyTo?: string;
  trace: TraceContext | null;
  payload: Payload;
}

export interface WindowRequest {
  from: VirtualTime;
  /** Exclusive; in one-event mode the window holds exactly `items` or one timer. */
  to: VirtualTime;
  items: Delivery[];
}
export interface WindowReply {
  sends: Outgoing[];
  log: LogEvent[];
  /** Next own timer, or null. */
  nextDue: VirtualTime | null;
  nextSeq: number;
  /** A drained or self-ended instance asks to be stopped at this time. */
  stopped: { t: VirtualTime; reason: string; crashed?: boolean } | null;
}

/** The instance protocol (decision 16): the same in process and over Comlink. */
export interface InstanceApi {
  start(
    init: InstanceInit,
  ): Promise<Result<{ nextDue: VirtualTime | null }, string>> | Result<{ nextDue: VirtualTime | null }, string>;
  deliver(window: WindowRequest): Promise<Result<WindowReply, string>> | Result<WindowReply, string>;
  inspect(query: string): Promise<Result<Json, string>> | Result<Json, string>;
}

/** Port through which the pure actor of a kind acts: it collects a plan, it performs nothing. */
export interface ActorPort {
  readonly init: InstanceInit;
  now(): VirtualTime;
  /** Uniform [0,1) by decision 4: hash of (seed, purpose, parts). */
  random(purpose: string, ...parts: (string | number)[]): number;
  /** Hex digits by the same hash; `digits` 16 or 32. */
  hexId(purpose: string, digits: 16 | 32, ...parts: (string | number)[]): string;
  /** Returns the message id. */
  send(message: Omit<Outgoing, 't' | 'class' | 'seq'>): string;
  /** Fires `timer(token)` after at least 1 µs; returns a handle for `cancel`. */
  after(delayUs: number, token: Json): number;
  cancel(timer: number): void;
  emit(body: import('./event.ts').EventBody): void;
  /** Asks the host for what only it can do; `done` is called once, at this virtual instant, before anything else is handled here, in the order asked. */
  perform(effect: HostEffect, done: (result: HostEffectResult) => void): void;
  /** Ask the fabric to end this instance now: after a drain, or `crashed` by its own doing, which starts it again after its restart delay. */
  stop(reason: string, crashed?: boolean): void;
}

/** The behaviour of one kind in one instance: reacts to one thing at a time, through the port only. */
export interface Actor {
  receive(body: DeliveryBody): void;
  timer(token: Json): void;
  inspect(query: string): Json;
}
export type ActorFactory = (port: ActorPort) => Actor;
