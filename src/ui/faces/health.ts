import type { NodeFailure } from '../../core/telemetry/metrics.ts';
import type { InstanceView, NodeView } from '../../core/telemetry/view.ts';
import type { TopologyNode } from '../../core/topology/schema/types.ts';
import type { Texts } from '../text/texts.ts';
import type { PipState } from './pip.tsx';
import type { Trouble } from './trouble.ts';

export type NodeHealth = Exclude<PipState, 'paused' | 'draining'>;
export interface Health {
  state: NodeHealth;
  /** Why, in words; null when there is nothing to explain. */
  reason: string | null;
}

const PIPS: Readonly<Record<InstanceView['status'], PipState>> = {
  starting: 'starting',
  passing: 'passing',
  draining: 'draining',
  stopped: 'dead',
  dead: 'dead',
};
/** Shape of one replica: standing still and not ready only matter for one that runs. */
export const pipOf = ({ status, paused, unready }: InstanceView): PipState =>
  status !== 'passing' ? PIPS[status] : paused ? 'paused' : unready === null ? 'passing' : 'warning';

/** How many instances a node declares. */
export const replicasOf = (node: TopologyNode): number =>
  node.kind === 'service' || node.kind === 'gateway' ? node.config.replicas : 1;

/** Without the instances that a smaller number of replicas has stopped: those are gone, not down. */
export const declaredOnes = (instances: readonly InstanceView[], replicas: number): readonly InstanceView[] =>
  instances.filter(
    ({ instance, status }) => status !== 'stopped' || Number(instance.slice(instance.lastIndexOf('#') + 1)) < replicas,
  );

/** Health of a node from what the log says of its instances, its last failure and what else hurts it: what hurts most comes first. */
export function healthOf(
  instances: readonly InstanceView[],
  failure: NodeFailure | null,
  trouble: { rank: Trouble['rank']; text: string } | null,
  texts: Texts,
): Health {
  const dead = instances.filter((instance) => instance.status === 'dead');
  const lost = instances.filter((instance) => instance.status === 'dead' || instance.status === 'stopped');
  if (instances.length > 0 && lost.length === instances.length) {
    return { state: 'dead', reason: texts.reason(dead.at(-1)?.reason ?? lost.at(-1)?.reason ?? texts.t('state.dead')) };
  }
  if (trouble?.rank === 'broken') return { state: 'critical', reason: trouble.text };
  if (failure) return { state: 'critical', reason: failureText(failure, texts) };
  if (trouble?.rank === 'failing') return { state: 'critical', reason: trouble.text };
  if (dead.length > 0) {
    const count = texts.t('face.someDead', { dead: dead.length, all: instances.length });
    const why = dead.at(-1)?.reason;
    return { state: 'warning', reason: why ? `${count}: ${texts.reason(why)}` : count };
  }
  if (trouble !== null) return { state: 'warning', reason: trouble.text };
  if (instances.length === 0) return { state: 'idle', reason: null };
  if (instances.every((instance) => instance.status === 'starting')) return { state: 'starting', reason: null };
  return { state: 'passing', reason: null };
}

/** How often and why a node refused as it was written to; null while it never did. It is no trouble: nothing turns red. */
export function refusalWords(node: NodeView | undefined, { t, reason }: Texts): { count: string; why: string } | null {
  if (node === undefined || node.refused === 0 || node.refusal === null) return null;
  const { code, message } = node.refusal;
  const last = message === '' || message === code ? code : `${code}: ${reason(message)}`;
  return { count: t('face.refused', { count: node.refused }), why: t('face.refusedTip', { last }) };
}

/** The reason in words: what failed, and the fault that made it. */
export function failureText(failure: NodeFailure, texts: Texts): string {
  if (!failure.byFault) return texts.reason(failure.message || failure.code);
  if (failure.faultPercent === null) return texts.t('face.byFaultPlain', { code: failure.code });
  return texts.t('face.byFault', { code: failure.code, percent: Math.round(failure.faultPercent) });
}
