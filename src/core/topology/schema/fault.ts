import { flattenSteps, handlersOf } from '../steps.ts';
import type { Fault, LinkKind, TopologyNode } from './types.ts';

type NodeFaultKind = Extract<Fault, { node: string }>['kind'];
type LinkFaultKind = Extract<Fault, { link: string }>['kind'];

/** Kinds of faults that a node accepts: a client serves nobody, so it can only stand still or read a wrong clock. */
export function nodeFaultKinds(node: TopologyNode): NodeFaultKind[] {
  if (node.kind === 'client') return ['pause', 'clock-skew'];
  const all: NodeFaultKind[] = ['slow', 'pause', 'outage', 'clock-skew'];
  if (node.kind !== 'service' && node.kind !== 'gateway') return all;
  const hasSteps =
    node.kind === 'service' && handlersOf(node.config).some(({ steps }) => flattenSteps(steps).length > 0);
  return [...(hasSteps ? (['step-error'] as const) : []), 'error-rate', ...all];
}

/** Kinds of faults that a link accepts: connections to databases, brokers and registries keep their order and throw copies away, as TCP does. */
export const linkFaultKinds = (kind: LinkKind): LinkFaultKind[] => [
  'partition',
  'latency',
  'loss',
  ...(kind === 'http' || kind === 'grpc' ? (['duplicate', 'reorder'] as const) : []),
];

/** Node or link id that a fault is set on. */
export const faultTarget = (fault: Fault): string => ('link' in fault ? fault.link : fault.node);

/** One fault at a time per target, kind and step: setting it again replaces it, clearing needs nothing else of it. */
export const faultKey = (fault: Fault): string =>
  faultSlot(faultTarget(fault), fault.kind) + (fault.kind === 'step-error' ? `/${fault.step}` : '');

/** The key of a fault of any kind that stands once per target. */
export const faultSlot = (target: string, kind: Fault['kind']): string => `${target}/${kind}`;

/** A fault in a few words: what it does and how much of it (English; the UI says it by kind). */
export function faultWords(fault: Fault): string {
  const percent = (rate: number): string => `${Math.round(rate * 100)} %`;
  switch (fault.kind) {
    case 'step-error':
      return `${fault.code} ${percent(fault.rate)}`;
    case 'error-rate':
      return `status ${fault.status} ${percent(fault.rate)}`;
    case 'slow':
      return `${fault.factor} times slower`;
    case 'clock-skew':
      return `clock ${fault.skewMs < 0 ? '' : '+'}${fault.skewMs} ms`;
    case 'latency':
      return `latency +${fault.addMs} ms`;
    case 'loss':
    case 'duplicate':
    case 'reorder':
      return `${fault.kind} ${percent(fault.rate)}`;
    case 'partition':
      return fault.direction === 'both' ? 'partition' : `partition, ${fault.direction} only`;
    case 'pause':
    case 'outage':
      return fault.kind;
  }
}
