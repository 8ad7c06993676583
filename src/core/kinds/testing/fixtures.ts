import type { InstanceInit, Peer } from '../../fabric/protocol.ts';
import type { AnyExecutableNode, LinkKind } from '../../topology/schema/types.ts';

/** Address that the tests give to `node#ordinal`. */
export const addressOf = (ordinal: number): string => `192.168.1.${10 + ordinal}:8000`;

/** Start record of `node#0` for a unit test. */
export function initOf(
  node: string,
  record: AnyExecutableNode,
  peers: Peer[] = [],
  more: Partial<InstanceInit> = {},
): InstanceInit {
  return {
    instance: `${node}#0`,
    node,
    ordinal: 0,
    address: addressOf(0),
    seed: 1,
    startedAt: 0,
    incarnation: 0,
    record,
    peers,
    faults: [],
    nextSeq: 0,
    stored: [],
    ...more,
  };
}

/** A neighbour over a link called `<node>-link`. */
export function peerOf(
  node: string,
  kind: LinkKind,
  direction: 'out' | 'in',
  record: AnyExecutableNode,
  instances = 1,
): Peer {
  const list = Array.from({ length: instances }, (_, ordinal) => ({
    instance: `${node}#${ordinal}`,
    address: addressOf(ordinal),
  }));
  return { link: `${node}-link`, kind, direction, node, record, instances: list };
}

/** A service without endpoints. */
export const serviceRecord = (name: string): AnyExecutableNode => ({
  kind: 'service',
  name,
  config: {
    version: '1.0.0',
    port: 8000,
    replicas: 1,
    serviceTime: { kind: 'constant', ms: 0 },
    startupMs: 0,
    restartDelayMs: null,
    prefetch: 0,
    values: {},
    endpoints: [],
    subscriptions: [],
  },
});

/** A registry that callers may cache for `cacheTtlMs`. */
export const registryRecord = (name: string, cacheTtlMs: number, ttlMs = 15_000): AnyExecutableNode => ({
  kind: 'registry',
  name,
  config: { engine: 'consul', heartbeatMs: 5000, ttlMs, cacheTtlMs, restartDelayMs: null },
});
