import type { ContainerSpec } from '../../core/compose/container-spec.ts';
import { instanceId } from '../../core/fabric/message.ts';
import type { InstanceInit } from '../../core/fabric/protocol.ts';
import type { AnyExecutableNode, Fault } from '../../core/topology/schema/types.ts';
import { wallNowUs } from './clock.ts';

/** A record without the delays that only the tab models: a container takes the time that it takes. */
export function withoutModelledTime(record: AnyExecutableNode): AnyExecutableNode {
  if (record.kind !== 'service') return record;
  return { ...record, config: { ...record.config, startupMs: 0, serviceTime: { kind: 'constant', ms: 0 } } };
}

/** Faults of this node (by id or network name) in the text of `SERVARIUM_FAULTS`; throws when it is not a list of faults. */
export function faultsFrom(text: string | undefined, spec: Pick<ContainerSpec, 'node' | 'record'>): Fault[] {
  if (text === undefined || text.trim() === '') return [];
  const why = (reason: string): Error => new Error(`Failed to read SERVARIUM_FAULTS: ${reason}`);
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw why(String(error));
  }
  if (!Array.isArray(list)) throw why('expected a JSON list');
  return list.flatMap((item: unknown): Fault[] => {
    const fault = containerFault(item, spec.node);
    if (fault === null)
      throw why(`expected {node, step, rate, code}, or an error-rate or clock-skew fault (${JSON.stringify(item)})`);
    const { node } = item as { node: unknown };
    return node === spec.node || node === spec.record.name ? [fault] : [];
  });
}

/** A fault as the drawing writes it, of a kind that a process can do to itself; null for anything else. Without `kind` it is a step-error. */
function containerFault(item: unknown, here: string): Fault | null {
  const { kind = 'step-error', node, step, rate, code, status, skewMs } = (item ?? {}) as Record<string, unknown>;
  if (typeof node !== 'string') return null;
  const isRate = typeof rate === 'number' && rate >= 0 && rate <= 1;
  if (kind === 'step-error' && isRate && typeof step === 'string' && typeof code === 'string')
    return { kind, node: here, step, rate, code };
  if (kind === 'error-rate' && isRate && typeof status === 'number' && status >= 400 && status <= 599)
    return { kind, node: here, rate, status };
  return kind === 'clock-skew' && typeof skewMs === 'number' ? { kind, node: here, skewMs } : null;
}

/** What the actor in a container knows at its start. `unique` tells replicas and restarts apart in ids; it decides nothing. */
export function containerInit(
  spec: ContainerSpec,
  place: { unique: string; address: string; faults: Fault[]; secrets?: Record<string, string> },
): InstanceInit {
  return {
    instance: `${spec.node}#${place.unique}`,
    node: spec.node,
    ordinal: 0,
    address: place.address,
    seed: spec.seed,
    startedAt: wallNowUs(),
    incarnation: wallNowUs(),
    record: withoutModelledTime(spec.record),
    // The actor may send to any declared instance; here that is one name for all replicas.
    peers: spec.peers.map((peer) => ({
      ...peer,
      instances: peer.instances.map((entry, ordinal) => ({ ...entry, instance: instanceId(peer.node, ordinal) })),
    })),
    faults: place.faults,
    nextSeq: 0,
    stored: [],
    ...(place.secrets === undefined ? {} : { secrets: place.secrets }),
  };
}
