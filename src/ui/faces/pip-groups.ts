import type { InstanceView } from '../../core/telemetry/view.ts';
import { pipOf } from './health.ts';
import type { PipState } from './pip.tsx';

/** More replicas than this are counted by state. */
const SINGLE = 5;

export interface PipGroup {
  /** `instance` null: the shape stands for all of its state. */
  pips: { id: string; state: PipState; instance: InstanceView | null }[];
  /** Version of the group when two versions run; how many it stands for when they are counted. */
  label: string | number | null;
}

/** How the replicas of a node are drawn side by side. */
export function arrangePips(instances: readonly InstanceView[]): PipGroup[] {
  const versions = new Set(instances.flatMap((one) => (one.version === null ? [] : [one.version])));
  const isMixed = versions.size > 1;
  const groups = new Map<string, InstanceView[]>();
  const isCounted = instances.length > SINGLE;
  for (const one of instances) {
    const key = `${isMixed ? one.version : ''} ${isCounted ? pipOf(one) : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((members) => {
    const first = members[0] as InstanceView;
    const version = isMixed ? first.version : null;
    if (!isCounted)
      return {
        pips: members.map((one) => ({ id: one.instance, state: pipOf(one), instance: one })),
        label: version,
      };
    const pip = { id: first.instance, state: pipOf(first), instance: null };
    return { pips: [pip], label: version === null ? members.length : `${members.length} ${version}` };
  });
}
