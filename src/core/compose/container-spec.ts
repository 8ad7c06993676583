import type { Peer } from '../fabric/protocol.ts';
import type { AnyExecutableNode } from '../topology/schema/types.ts';

/** Registries that a container can speak to. */
export type RegistryKind = 'consul' | 'etcd' | 'eureka' | 'zookeeper';

/** How a container reaches one piece of infrastructure; a password is always a file, never a value. */
export type Connection =
  | { kind: 'postgresql' | 'mongodb'; host: string; port: number; database: string; user: string; passwordFile: string }
  | { kind: 'rabbitmq'; host: string; port: number; user: string; passwordFile: string }
  | { kind: RegistryKind; host: string; port: number };

/** `/app/service.json` of an exported gateway, service or client: all that makes this container different from the others. */
export interface ContainerSpec {
  v: 1;
  /** Node id in the document. */
  node: string;
  seed: number;
  record: AnyExecutableNode;
  /** Neighbours as the tab's instances see them, with container names for addresses. */
  peers: Peer[];
  /** By node id of the neighbour; only infrastructure. */
  connections: Record<string, Connection>;
  /** Files with the signing secret (64 hex digits) of each node whose tokens this container issues, or verifies by a shared key; absent without. */
  tokenKeys?: Record<string, string>;
}

/** Port of the health endpoints in a container that serves nothing else (a client). */
export const HEALTH_PORT = 3000;
/** Port at which `verify` reads the events of a container; never published. */
export const EVENTS_PORT = 9464;
/** Name of the database and of the database and broker user in every exported container. */
export const APP_NAME = 'app';
/** Entry file of the runtime below /app/runtime. */
export const RUNTIME_ENTRY = 'servarium-runtime.mjs';
/** File of the MongoDB driver beside it. */
export const MONGODB_FILE = 'mongodb.mjs';
