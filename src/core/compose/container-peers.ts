import { sortedKeys } from '../base/canonical.ts';
import { instanceId } from '../fabric/message.ts';
import { AddressBook, peersOf, portOf } from '../fabric/peers.ts';
import type { Peer } from '../fabric/protocol.ts';
import type { AnyExecutableNode, ExecutableTopology } from '../topology/schema/types.ts';
import { containerResolve } from './container-resolve.ts';
import { storeTables } from './store-tables.ts';

/** A copy without what only the neighbour itself reads: its steps, values and rows; a database with all tables that the export creates. */
export function outsideOf(node: string, record: AnyExecutableNode, topology: ExecutableTopology): AnyExecutableNode {
  if (record.kind === 'service') {
    const { config } = record;
    const endpoints = config.endpoints.map((endpoint) => ({ ...endpoint, steps: [] }));
    const subscriptions = config.subscriptions.map((subscription) => ({ ...subscription, steps: [] }));
    const { grpc } = config;
    const methods = grpc?.methods.map((method) => ({ ...method, steps: [] })) ?? [];
    const more = grpc === undefined ? {} : { grpc: { ...grpc, methods } };
    return { ...record, config: { ...config, values: {}, endpoints, subscriptions, ...more } };
  }
  if (record.kind === 'database') {
    return { ...record, config: { ...record.config, tables: storeTables(node, topology), rows: {} } };
  }
  if (record.kind === 'client') return { ...record, config: { ...record.config, requests: [] } };
  if (record.kind === 'gateway') {
    // Keys of callers are nobody else's business.
    const { auth: _, ...config } = record.config;
    return { ...record, config };
  }
  return record;
}

/** Neighbours of a node with container names for addresses: one name stands for all replicas. */
export function containerPeers(node: string, topology: ExecutableTopology): Peer[] {
  return peersOf(node, topology, new AddressBook()).map((peer) => {
    const address = `${peer.record.name}:${portOf(peer.record)}`;
    return {
      ...peer,
      record: outsideOf(peer.node, peer.record, topology),
      instances: [{ instance: instanceId(peer.node, 0), address }],
      ...containerResolve(peer, address, topology),
    };
  });
}

/** Nodes that people and clients send requests to: gateways, and services that a client is linked to. */
export function entryNodes(topology: ExecutableTopology): string[] {
  const entries = new Set(sortedKeys(topology.nodes).filter((id) => topology.nodes[id]?.kind === 'gateway'));
  for (const id of sortedKeys(topology.links)) {
    const link = topology.links[id];
    if (link && topology.nodes[link.from]?.kind === 'client') entries.add(link.to);
  }
  return [...entries].sort();
}
