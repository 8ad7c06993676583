import type { VirtualTime } from '../../../core/base/order.ts';
import { random } from '../../../core/base/random.ts';
import type { InputBody } from '../../../core/fabric/input.ts';
import { declaredInstances } from '../../../core/fabric/peers.ts';
import type {
  AnyExecutableNode,
  ExecutableDiff,
  ExecutableLink,
  ExecutableTopology,
  Fault,
} from '../../../core/topology/schema/types.ts';

/** Kinds of disturbance; every seed switches on its own subset of them (swarm testing), so that rare mixtures come up too. */
export const DISTURBANCES = [
  'kill',
  'crash',
  'step-error',
  'poison',
  'latency',
  'scale',
  'burst',
  'strike',
  'network',
  'node',
] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

export interface Action {
  at: VirtualTime;
  kind: Disturbance | 'start' | 'fault-end';
  body: InputBody;
}

/** Step failures that the example's handlers catch: the saga has to end in order, by compensation. */
const CAUGHT: readonly Fault[] = [
  { kind: 'step-error', node: 'payment', step: 'charge', rate: 1, code: 'declined' },
  { kind: 'step-error', node: 'payment', step: 'payment-processed', rate: 0.5, code: 'declined' },
  { kind: 'step-error', node: 'inventory', step: 'take-stock', rate: 0.7, code: 'out_of_stock' },
  { kind: 'step-error', node: 'inventory', step: 'items-reserved', rate: 0.5, code: 'out_of_stock' },
  { kind: 'step-error', node: 'shipping', step: 'insert-shipment', rate: 1, code: 'no_carrier' },
  { kind: 'step-error', node: 'order', step: 'insert-item', rate: 0.5, code: 'injected' },
];
/** Step failures that nothing catches: the message has to end among the dead letters, where somebody finds it. */
const POISON: readonly Fault[] = [
  { kind: 'step-error', node: 'payment', step: 'refund', rate: 0.5, code: 'injected' },
  { kind: 'step-error', node: 'inventory', step: 'return-stock', rate: 0.5, code: 'injected' },
  { kind: 'step-error', node: 'shipping', step: 'decide', rate: 0.3, code: 'injected' },
  { kind: 'step-error', node: 'order', step: 'cancel', rate: 0.5, code: 'injected' },
];

type Draw = (what: string, n: number) => number;
const pick = <T>(items: readonly T[], u: number): T => items[Math.floor(u * items.length)] as T;

/** `node` with changed configuration, as an edit while running. */
export function nodeEdit(id: string, from: AnyExecutableNode, to: AnyExecutableNode): ExecutableDiff {
  const none = { added: {}, removed: {}, updated: {} };
  return { nodes: { ...none, updated: { [id]: [from, to] } }, links: none };
}
function linkEdit(id: string, from: ExecutableLink, to: ExecutableLink): ExecutableDiff {
  const none = { added: {}, removed: {}, updated: {} };
  return { nodes: none, links: { ...none, updated: { [id]: [from, to] } } };
}

function scaled(record: AnyExecutableNode, replicas: number): AnyExecutableNode {
  return record.kind === 'service' ? { ...record, config: { ...record.config, replicas } } : record;
}

/** Faults of a link. An order that is lost on its way to the gateway is no order; one that was accepted has to end in order. */
function linkFault(link: string, u: number): Fault {
  const faults: readonly Fault[] = [
    { kind: 'latency', link, addMs: 200, jitterMs: 800 },
    { kind: 'loss', link, rate: 0.3 },
    { kind: 'loss', link, rate: 1 },
    { kind: 'duplicate', link, rate: 0.5 },
    { kind: 'reorder', link, rate: 0.5, maxExtraMs: 500 },
    { kind: 'partition', link, direction: 'both' },
    { kind: 'partition', link, direction: 'forward' },
    { kind: 'partition', link, direction: 'backward' },
  ];
  return pick(faults, u);
}
function nodeFault(node: string, u: number): Fault {
  const faults: readonly Fault[] = [
    { kind: 'pause', node },
    { kind: 'outage', node },
    { kind: 'slow', node, factor: 20 },
    { kind: 'clock-skew', node, skewMs: 3_600_000 },
  ];
  return pick(faults, u);
}

/** Whose death in the middle of a transaction matters most. */
const STRUCK = ['order', 'payment', 'inventory', 'shipping', 'order-db', 'payment-db', 'inventory-db', 'rabbitmq'];

const burst = (at: VirtualTime, kind: Disturbance, orders: number): Action[] =>
  Array.from({ length: orders }, (_, i) => ({
    at: at + i,
    kind,
    body: { kind: 'request', node: 'web', requestId: 'create-order' },
  }));

/** One disturbance at `at`, with what ends it where something has to. */
function disturb(topology: ExecutableTopology, kind: Disturbance, at: VirtualTime, draw: Draw, n: number): Action[] {
  const later = at + Math.floor(draw('for', n) * 8e6);
  const instances = declaredInstances(topology).filter(({ node }) => topology.nodes[node]?.kind !== 'client');
  switch (kind) {
    case 'kill': {
      const { instance } = pick(instances, draw('victim', n));
      return [
        { at, kind, body: { kind: 'instance.kill', instance } },
        { at: later, kind: 'start', body: { kind: 'instance.start', instance } },
      ];
    }
    case 'crash':
      return [
        {
          at,
          kind,
          body: {
            kind: 'crash.observed',
            instance: pick(instances, draw('victim', n)).instance,
            reason: 'simulated crash',
          },
        },
      ];
    case 'step-error':
    case 'poison': {
      const fault = pick(kind === 'poison' ? POISON : CAUGHT, draw('fault', n));
      return [
        { at, kind, body: { kind: 'fault.set', fault } },
        { at: later, kind: 'fault-end', body: { kind: 'fault.clear', fault } },
      ];
    }
    case 'network':
    case 'node': {
      const target = pick(Object.keys(kind === 'network' ? topology.links : topology.nodes).sort(), draw('target', n));
      const fault = (kind === 'network' ? linkFault : nodeFault)(target, draw('fault', n));
      return [
        { at, kind, body: { kind: 'fault.set', fault } },
        { at: later, kind: 'fault-end', body: { kind: 'fault.clear', fault } },
      ];
    }
    case 'latency': {
      const id = pick(Object.keys(topology.links).sort(), draw('link', n));
      const link = topology.links[id] as ExecutableLink;
      const meanMs = 1 + draw('mean', n) * 400;
      const minUs = pick([50, 500, 5000], draw('min', n));
      const slow: ExecutableLink = { ...link, latency: { minUs, distribution: { kind: 'exponential', meanMs } } };
      return [{ at, kind, body: { kind: 'topology.apply', diff: linkEdit(id, link, slow) } }];
    }
    case 'scale': {
      const services = Object.keys(topology.nodes)
        .sort()
        .filter((id) => topology.nodes[id]?.kind === 'service');
      const id = pick(services, draw('service', n));
      const record = topology.nodes[id] as AnyExecutableNode;
      const replicas = 1 + Math.floor(draw('replicas', n) * 3);
      return [{ at, kind, body: { kind: 'topology.apply', diff: nodeEdit(id, record, scaled(record, replicas)) } }];
    }
    case 'burst':
      return burst(at, kind, 5);
    case 'strike': {
      // Ten orders at once, and somebody who handles them dies while they are under way.
      const instance = `${pick(STRUCK, draw('struck', n))}#0`;
      const crash = at + 200_000 + Math.floor(draw('moment', n) * 1.5e6);
      return [
        ...burst(at, kind, 10),
        { at: crash, kind, body: { kind: 'crash.observed', instance, reason: 'struck' } },
      ];
    }
  }
}

/** The disturbances of a seed between 1 s and `until`, in order of time. */
export function swarm(topology: ExecutableTopology, seed: number, until: VirtualTime): Action[] {
  const draw: Draw = (what, n) => random(seed, `swarm-${what}`, n);
  const enabled = DISTURBANCES.filter((_, index) => draw('enabled', index) < 0.5);
  const kinds = enabled.length === 0 ? (['kill'] as const) : enabled;
  const count = 3 + Math.floor(draw('count', 0) * 10);
  const actions: Action[] = [];
  for (let n = 0; n < count; n++) {
    const at = 1e6 + Math.floor(draw('at', n) * (until - 1e6));
    actions.push(...disturb(topology, pick(kinds, draw('kind', n)), at, draw, n));
  }
  return actions.sort((a, b) => a.at - b.at);
}

/** Everything mended, and no new traffic: faults cleared, the drawing as it was but with silent clients, every instance started. */
export function healing(topology: ExecutableTopology, actions: readonly Pick<Action, 'body'>[]): InputBody[] {
  const bodies: InputBody[] = [];
  for (const { body } of actions)
    if (body.kind === 'fault.set') bodies.push({ kind: 'fault.clear', fault: body.fault });
  const nodes: ExecutableDiff['nodes'] = { added: {}, removed: {}, updated: {} };
  for (const [id, record] of Object.entries(topology.nodes)) nodes.updated[id] = [record, silent(record)];
  const links: ExecutableDiff['links'] = { added: {}, removed: {}, updated: {} };
  for (const [id, link] of Object.entries(topology.links)) links.updated[id] = [link, link];
  bodies.push({ kind: 'topology.apply', diff: { nodes, links } });
  for (const { instance } of declaredInstances(topology)) bodies.push({ kind: 'instance.start', instance });
  return bodies;
}

function silent(record: AnyExecutableNode): AnyExecutableNode {
  if (record.kind !== 'client' || record.config.load.model !== 'open') return record;
  return { ...record, config: { ...record.config, load: { ...record.config.load, ratePerSecond: 0 } } };
}
