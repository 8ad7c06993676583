import type { TopologyNode } from '../../core/topology/schema/types.ts';

/** Deadline of the client's calls. ms */
export const DEADLINE_MS = 1500;

const rpc = (id: string, method: string, weight: number, body: Record<string, string | number>) => ({
  id,
  name: id,
  weight,
  protocol: 'grpc' as const,
  method: 'POST' as const,
  path: `/depot.v1.Depot/${method}`,
  body,
  to: 'depot',
});

/** Somebody who asks the depot over gRPC, and the gateway over HTTP; it sends nothing by itself. */
export const workshopClient = (): TopologyNode => ({
  kind: 'client',
  name: 'app',
  position: { x: 0, y: 0 },
  config: {
    clientKind: 'mobile',
    load: { model: 'open', ratePerSecond: 0, arrival: 'constant' },
    timeoutMs: DEADLINE_MS,
    requests: [
      rpc('shelf', 'GetShelf', 4, { id: 'i-1' }),
      rpc('nothing', 'GetShelf', 2, { id: 'nothing' }),
      rpc('keep', 'KeepMood', 3, { mood: '${ randomInt(0, 1) == 0 ? "glad" : "сумний" }' }),
      rpc('count', 'CountShelves', 3, { count: '${ randomInt(0, 5) }' }),
      { id: 'whole', name: 'whole', weight: 2, method: 'GET', path: '/api/whole?id=i-1', to: 'gateway' },
      { id: 'over', name: 'over', weight: 2, method: 'GET', path: '/api/grpc/i-1', to: 'gateway' },
    ],
  },
});
