import { sortedKeys } from '../base/canonical.ts';
import type { AnyExecutableNode, ExecutableTopology } from '../topology/schema/types.ts';
import { instanceId, type InstanceId } from './message.ts';
import type { Peer } from './protocol.ts';

/** How many instances a node declares. */
export const replicasOf = (record: AnyExecutableNode): number =>
  record.kind === 'service' || record.kind === 'gateway' ? record.config.replicas : 1;

const PORTS = { client: 0, broker: 5672, registry: 8500 } as const;
type Engine = Extract<AnyExecutableNode, { kind: 'database' }>['config']['engine'];
const DATABASE_PORTS: Readonly<Record<Engine, number>> = {
  postgresql: 5432,
  mysql: 3306,
  mongodb: 27017,
  elasticsearch: 9200,
  redis: 6379,
};

/** Port that the node listens on. */
export function portOf(record: AnyExecutableNode): number {
  if (record.kind === 'service' || record.kind === 'gateway') return record.config.port;
  return record.kind === 'database' ? DATABASE_PORTS[record.config.engine] : PORTS[record.kind];
}

/** All declared instances, sorted by node id, then ordinal. */
export function declaredInstances(
  topology: ExecutableTopology,
): { instance: InstanceId; node: string; ordinal: number }[] {
  const out: { instance: InstanceId; node: string; ordinal: number }[] = [];
  for (const node of sortedKeys(topology.nodes)) {
    const record = topology.nodes[node];
    if (!record) continue;
    for (let ordinal = 0; ordinal < replicasOf(record); ordinal++)
      out.push({ instance: instanceId(node, ordinal), node, ordinal });
  }
  return out;
}

/** Hands out the addresses that the chapter shows, 192.168.1.5 upward; an instance keeps its address until it is moved. */
export class AddressBook {
  private readonly hosts = new Map<InstanceId, string>();
  private given = 0;
  /** Its next address is a fresh one; nobody gets the old one. */
  move(instance: InstanceId): void {
    this.hosts.delete(instance);
  }
  addressOf(instance: InstanceId, record: AnyExecutableNode): string {
    let host = this.hosts.get(instance);
    if (host === undefined) {
      const n = this.given++ + 5;
      host = `192.168.${1 + Math.floor(n / 250)}.${n % 250}`;
      this.hosts.set(instance, host);
    }
    return `${host}:${portOf(record)}`;
  }
}

/** Registries that a node registers with, sorted. */
function registriesOf(node: string, topology: ExecutableTopology): string[] {
  return sortedKeys(topology.links).flatMap((id) => {
    const link = topology.links[id];
    return link?.kind === 'discovery' && link.from === node ? [link.to] : [];
  });
}

/** Proto texts of the services that a gateway reaches over gRPC, each once, in the order of its links. */
function protosBehind(gateway: string, topology: ExecutableTopology): string[] {
  const texts = sortedKeys(topology.links).flatMap((id) => {
    const link = topology.links[id];
    const callee = link?.kind === 'grpc' && link.from === gateway ? topology.nodes[link.to] : undefined;
    return callee?.kind === 'service' && callee.config.grpc !== undefined ? [callee.config.grpc.proto] : [];
  });
  return [...new Set(texts)];
}

/** Neighbours of a node over its links, sorted by link id. A link to itself is impossible by validation. `older`: what a rolling release has not replaced yet. */
export function peersOf(
  node: string,
  topology: ExecutableTopology,
  addresses: AddressBook,
  older: ReadonlyMap<InstanceId, AnyExecutableNode> = new Map(),
): Peer[] {
  const peers: Peer[] = [];
  for (const id of sortedKeys(topology.links)) {
    const link = topology.links[id];
    if (!link || (link.from !== node && link.to !== node)) continue;
    const other = link.from === node ? link.to : link.from;
    const record = topology.nodes[other];
    if (!record) continue;
    const registries = registriesOf(other, topology);
    const instances: Peer['instances'] = [];
    for (let ordinal = 0; ordinal < replicasOf(record); ordinal++) {
      const instance = instanceId(other, ordinal);
      const runs = older.get(instance);
      const version = runs?.kind === 'service' ? { version: runs.config.version } : {};
      instances.push({ instance, address: addresses.addressOf(instance, record), ...version });
    }
    peers.push({
      link: id,
      kind: link.kind,
      direction: link.from === node ? 'out' : 'in',
      node: other,
      record,
      instances,
      registries,
      ...(link.resolve === undefined ? {} : { resolve: link.resolve }),
      ...(link.kind === 'grpc' && link.to === other && record.kind === 'gateway'
        ? { protos: protosBehind(other, topology) }
        : {}),
    });
  }
  return peers;
}
