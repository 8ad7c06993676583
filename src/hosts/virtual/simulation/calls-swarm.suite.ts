import type { VirtualTime } from '../../../core/base/order.ts';
import { random } from '../../../core/base/random.ts';
import type { InputBody } from '../../../core/fabric/input.ts';
import { declaredInstances } from '../../../core/fabric/peers.ts';
import type { AnyExecutableNode, ExecutableTopology, Fault } from '../../../core/topology/schema/types.ts';
import type { Features } from './calls-variants.suite.ts';
import { nodeEdit } from './swarm.suite.ts';

/** Kinds of trouble; every seed switches on its own few of them. */
export const TROUBLES = [
  'loss',
  'duplicate',
  'reorder',
  'latency',
  'partition',
  'partition-one-way',
  'kill',
  'crash',
  'pause',
  'slow',
  'error-rate',
  'outage',
  'registry-outage',
  'clock-skew',
  'scale',
  'redeploy',
  'edit',
  'move',
] as const;
type Trouble = (typeof TROUBLES)[number];

export interface Step {
  at: VirtualTime;
  kind: Trouble;
  body: InputBody;
}
/** Virtual µs in which troubles begin. */
const [FIRST, LAST] = [10_000, 300_000];
/** How often a trouble is enabled. */
const SHARE = 0.25;

type Draw = (what: string, n: number) => number;
const pick = <T>(items: readonly T[], u: number): T => items[Math.floor(u * items.length)] as T;
const SERVICES = ['orders', 'stock', 'users'];
const SERVICES_RPC = [...SERVICES, 'prices'];
const CLIENTS = ['web', 'app'];

function linkFault(kind: Trouble, link: string, u: number): Fault {
  switch (kind) {
    case 'loss':
      return { kind, link, rate: pick([0.1, 0.3, 1], u) };
    case 'duplicate':
      return { kind, link, rate: pick([0.2, 1], u) };
    case 'reorder':
      return { kind, link, rate: 0.3, maxExtraMs: pick([5, 60], u) };
    case 'latency':
      return { kind, link, addMs: pick([1, 40], u), jitterMs: pick([0, 100], u) };
    case 'partition-one-way':
      return { kind: 'partition', link, direction: pick(['forward', 'backward'], u) };
    default:
      return { kind: 'partition', link, direction: 'both' };
  }
}

function nodeFault(kind: Trouble, node: string, u: number): Fault {
  switch (kind) {
    case 'pause':
      return { kind, node };
    case 'slow':
      return { kind, node, factor: pick([2, 30], u) };
    case 'error-rate':
      return { kind, node, rate: pick([0.3, 1], u), status: pick([500, 503], u) };
    case 'clock-skew':
      return { kind, node, skewMs: pick([-5000, 86_400_000], u) };
    default:
      return { kind: 'outage', node };
  }
}

function edited(record: AnyExecutableNode, more: object): AnyExecutableNode {
  return { ...record, config: { ...record.config, ...more } } as AnyExecutableNode;
}

/** What changes the drawing: each takes the original record, so that the last edit counts. */
function edit(topology: ExecutableTopology, kind: Trouble, node: string, u: number): InputBody {
  const record = topology.nodes[node] as AnyExecutableNode;
  const more =
    kind === 'scale'
      ? { replicas: 1 + Math.floor(u * 3) }
      : kind === 'redeploy'
        ? { version: pick(['2', '3'], u) }
        : { serviceTime: { kind: 'constant', ms: pick([1, 25], u) } };
  return { kind: 'topology.apply', diff: nodeEdit(node, record, edited(record, more)) };
}

const LINK_TROUBLES = new Set<Trouble>(['loss', 'duplicate', 'reorder', 'latency', 'partition', 'partition-one-way']);
const CUTTING = new Set<Trouble>(['loss', 'partition', 'partition-one-way']);

function trouble(topology: ExecutableTopology, features: Features, kind: Trouble, n: number, draw: Draw): Step[] {
  const at = FIRST + Math.floor(draw('at', n) * (LAST - FIRST));
  const later = at + Math.floor(draw('for', n) * 150_000);
  const u = draw('how', n);
  const set = (fault: Fault): Step[] => [
    { at, kind, body: { kind: 'fault.set', fault } },
    { at: later, kind, body: { kind: 'fault.clear', fault } },
  ];
  if (LINK_TROUBLES.has(kind)) {
    // A cut connection to the registry takes 12.6 s to be given up: too long where heartbeats are fast.
    const links = Object.keys(topology.links).filter(
      (id) => !(features.fastBeats && CUTTING.has(kind) && topology.links[id]?.kind === 'discovery'),
    );
    return set(linkFault(kind, pick(links.sort(), draw('link', n)), u));
  }
  const services = features.grpc ? SERVICES_RPC : SERVICES;
  const service = pick(services, draw('service', n));
  if (kind === 'registry-outage') return set({ kind: 'outage', node: 'consul' });
  if (kind === 'scale' || kind === 'redeploy' || kind === 'edit')
    return [{ at, kind, body: edit(topology, kind, kind === 'redeploy' ? 'orders' : service, u) }];
  const victims = declaredInstances(topology).filter(({ node }) => !CLIENTS.includes(node));
  const { instance } = pick(victims, draw('victim', n));
  if (kind === 'kill')
    return [
      { at, kind, body: { kind: 'instance.kill', instance } },
      { at: later, kind, body: { kind: 'instance.start', instance } },
    ];
  if (kind === 'crash') return [{ at, kind, body: { kind: 'crash.observed', instance, reason: 'simulated crash' } }];
  if (kind === 'move') return [{ at, kind, body: { kind: 'instance.move', instance } }];
  return set(nodeFault(kind, pick([...services, 'gateway'], draw('service', n)), u));
}

/** The troubles of a seed, in order of time. */
export function troublesOf(topology: ExecutableTopology, features: Features, seed: number): Step[] {
  const draw: Draw = (what, n) => random(seed, `trouble-${what}`, n);
  const enabled = TROUBLES.filter((_, index) => draw('enabled', index) < SHARE);
  if (enabled.length === 0) return [];
  const count = 1 + Math.floor(draw('count', 0) * 5);
  const steps: Step[] = [];
  for (let n = 0; n < count; n++) steps.push(...trouble(topology, features, pick(enabled, draw('kind', n)), n, draw));
  return steps.sort((a, b) => a.at - b.at);
}
