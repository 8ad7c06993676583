import { Heap } from '../base/heap.ts';
import { compareKeys, type VirtualTime } from '../base/order.ts';
import { faultSlot } from '../topology/schema/fault.ts';
import type { AnyExecutableNode, ExecutableTopology, Fault, FaultOf } from '../topology/schema/types.ts';
import type { EventBody, LogEvent, MessageFate } from './event.ts';
import type { Input } from './input.ts';
import type { HttpReply, InstanceId } from './message.ts';
import { AddressBook } from './peers.ts';
import type { Delivery } from './protocol.ts';
import type { RunDefinition } from './run-api.ts';

/** Boot runs unpaced from here to 0: registration, broker and database readiness (decision 30). */
export const BOOT_US = 2_000_000;
/** A gateway or client that crashed by itself comes back after this; other kinds say it in their configuration. */
export const DEFAULT_RESTART_US = 1_000_000;

export const FABRIC_SOURCE = '@fabric#0';
export const INPUT_SOURCE = '@input#0';
/** Source of what the network does to messages of an instance: sorts behind its own events of the same instant. */
export const networkSource = (instance: InstanceId): string => `${instance}/network`;

export interface InstanceState {
  instance: InstanceId;
  node: string;
  ordinal: number;
  alive: boolean;
  draining: boolean;
  /** Ended by decision (removed, drained): it may be started again when the topology wants it. */
  retired: boolean;
  starts: number;
  nextSeq: number;
  nextDue: VirtualTime | null;
  /** Start of the present incarnation. */
  startedAt: VirtualTime;
  /** Since when it stands still by a fault; what is delivered meanwhile is held. */
  pausedAt: VirtualTime | null;
  held: Pending[];
  /** It has said so in its present incarnation. */
  ready: boolean;
}

/** A message, refusal or notice on its way to an instance. */
export interface Pending extends Delivery {
  to: InstanceId;
  /** A second copy that the network made; nobody is told when it is refused. */
  copy?: true;
}

/** A connection over which nothing gets through any more, until both ends give it up. */
interface Stuck {
  fate: MessageFate;
  cause: string;
  until: VirtualTime;
}

/** What the fabric itself will do at a window start. */
export type Agenda = { t: VirtualTime; instance: InstanceId } & (
  | { do: 'restart' }
  | { do: 'stop'; reason: string; crashed: boolean }
  /** Its connection to `to` over `link` is given up. */
  | { do: 'reset'; to: InstanceId; link: string }
  /** A rolling release of this node (not instance) may go on. */
  | { do: 'release' }
  /** It has stood still since then: its node agent has seen enough failed probes. */
  | { do: 'starve'; since: VirtualTime; reason: string }
);

export interface EdgeReply {
  input: number;
  reply: HttpReply;
}

/** All mutable state of a run; owned by one fabric. */
export interface FabricState {
  definition: RunDefinition;
  topology: ExecutableTopology;
  lookahead: number;
  addresses: AddressBook;
  instances: Map<InstanceId, InstanceState>;
  /** Canonical text of record and peers last told to each instance. */
  told: Map<InstanceId, string>;
  pending: Heap<Pending>;
  agenda: Heap<Agenda>;
  inputs: Heap<Input>;
  recorded: Input[];
  faults: Map<string, Fault>;
  /** Arrival of the last message per connection (sender, receiver, link) that keeps order, as TCP does. */
  lastArrival: Map<string, VirtualTime>;
  /** By connection. */
  stuck: Map<string, Stuck>;
  cancelled: Set<number>;
  /** Records of instances that a rolling release has not replaced yet. */
  older: Map<InstanceId, AnyExecutableNode>;
  /** By node: the version that is being rolled out, and how many replicas were last said to run it. */
  releases: Map<string, { version: string; told: number }>;
  /** Events not yet final: their time may still get company. */
  open: LogEvent[];
  edgeReplies: EdgeReply[];
  /** Everything before this is final and no input may be stamped earlier. */
  horizon: VirtualTime;
  seq: number;
  inputSeq: number;
  booted: boolean;
}

/** One direction of the connection between two instances over a link. */
export const connectionKey = (from: InstanceId, to: InstanceId, link: string): string => `${from} ${to} ${link}`;

/** The fault of a kind on a node or link, if one is set. */
export const faultOn = <K extends Fault['kind']>(state: FabricState, target: string, kind: K): FaultOf<K> | undefined =>
  state.faults.size === 0 ? undefined : (state.faults.get(faultSlot(target, kind)) as FaultOf<K> | undefined);

const farEnd = (item: Agenda): string => (item.do === 'reset' ? `${item.to} ${item.link}` : '');
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function createState(definition: RunDefinition, lookahead: number): FabricState {
  return {
    definition,
    topology: definition.topology,
    lookahead,
    addresses: new AddressBook(),
    instances: new Map(),
    told: new Map(),
    pending: new Heap<Pending>(compareKeys),
    agenda: new Heap<Agenda>(
      (a, b) =>
        a.t - b.t ||
        compareText(a.do, b.do) ||
        compareText(a.instance, b.instance) ||
        compareText(farEnd(a), farEnd(b)),
    ),
    inputs: new Heap<Input>((a, b) => a.at - b.at || a.seq - b.seq),
    recorded: [],
    faults: new Map(),
    lastArrival: new Map(),
    stuck: new Map(),
    cancelled: new Set(),
    older: new Map(),
    releases: new Map(),
    open: [],
    edgeReplies: [],
    horizon: -BOOT_US,
    seq: 0,
    inputSeq: 0,
    booted: false,
  };
}

/** Adds an event of the fabric's own, at a window start. Returns its key's counter. */
export function tell(state: FabricState, t: VirtualTime, body: EventBody): number {
  const seq = state.seq++;
  state.open.push({ t, class: 1, source: FABRIC_SOURCE, seq, ...body });
  return seq;
}
