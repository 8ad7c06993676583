import type { LinkKind, NodeKind } from '../schema/types.ts';

/** Codes of refused wiring. */
export type LinkRefusal =
  | 'LINK_TO_ITSELF'
  | 'LINK_TO_CLIENT'
  | 'LINK_TO_GATEWAY'
  | 'LINK_FROM_DATABASE'
  | 'LINK_FROM_REGISTRY'
  | 'LINK_CLIENT_ONLY_CALLS'
  | 'LINK_GATEWAY_OWNS_NOTHING'
  | 'LINK_BROKER_ONLY_DELIVERS'
  | 'LINK_SECOND_DATABASE'
  | 'LINK_KIND_NOT_BETWEEN';

/** Which kinds of link may join two kinds of node, the usual one first. */
const ALLOWED: Readonly<Record<NodeKind, Readonly<Partial<Record<NodeKind, readonly LinkKind[]>>>>> = {
  client: { gateway: ['http', 'grpc'], service: ['http', 'grpc'] },
  gateway: { service: ['http', 'grpc'], registry: ['discovery'] },
  service: {
    service: ['http', 'grpc'],
    gateway: ['grpc'],
    broker: ['publish'],
    registry: ['discovery'],
    database: ['owns'],
  },
  broker: { service: ['subscribe'] },
  database: {},
  registry: {},
};

/** The usual kind of link from one kind of node to another, or null when none is allowed. */
export const usualLink = (from: NodeKind, to: NodeKind): LinkKind | null => ALLOWED[from][to]?.[0] ?? null;

/** Null when a link of this kind may join the two kinds of node (in this direction), else why not, coded; text by `refusalText`. */
export function linkRefusal(from: NodeKind, to: NodeKind, kind: LinkKind): LinkRefusal | null {
  const allowed = ALLOWED[from][to];
  if (allowed?.includes(kind)) return null;
  if (from === 'service' && to === 'gateway') return 'LINK_TO_GATEWAY';
  if (allowed !== undefined) return 'LINK_KIND_NOT_BETWEEN';
  if (to === 'client') return 'LINK_TO_CLIENT';
  if (from === 'database') return 'LINK_FROM_DATABASE';
  if (from === 'registry') return 'LINK_FROM_REGISTRY';
  if (from === 'client') return 'LINK_CLIENT_ONLY_CALLS';
  if (from === 'gateway' && (to === 'database' || to === 'broker')) return 'LINK_GATEWAY_OWNS_NOTHING';
  if (to === 'gateway') return 'LINK_TO_GATEWAY';
  if (from === 'broker') return 'LINK_BROKER_ONLY_DELIVERS';
  return 'LINK_KIND_NOT_BETWEEN';
}

/** The reason of a refusal in words (English; the UI translates by code). */
export const REFUSAL_TEXT: Readonly<Record<LinkRefusal, string>> = {
  LINK_TO_ITSELF: 'a node cannot be linked to itself',
  LINK_TO_CLIENT: 'nothing calls a client: clients are where traffic starts',
  LINK_TO_GATEWAY:
    'only clients go through the gateway over HTTP: services call each other directly, or go through a gateway with a port for gRPC',
  LINK_FROM_DATABASE: 'a database never calls anyone: draw the link from the service to its database',
  LINK_FROM_REGISTRY: 'a registry never calls anyone: draw the link from the service to the registry',
  LINK_CLIENT_ONLY_CALLS: 'a client only talks to a gateway or a service: data, queues and registries stay behind them',
  LINK_GATEWAY_OWNS_NOTHING: 'a gateway only forwards requests: data and queues belong to services',
  LINK_BROKER_ONLY_DELIVERS: 'a broker only delivers to services that subscribe',
  LINK_SECOND_DATABASE:
    'a service owns one database: remove its link to the first one, or add a service for the other data',
  LINK_KIND_NOT_BETWEEN: 'this kind of link cannot join these two kinds of node',
};
