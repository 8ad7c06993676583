import type { ExecutableTopology } from '../topology/schema/types.ts';
import type { InstanceId } from './message.ts';
import { AddressBook, declaredInstances, peersOf } from './peers.ts';

/** Addresses that the instances get when a run of this topology starts, in the order in which the run gives them out. */
export function bootAddresses(topology: ExecutableTopology): Map<InstanceId, string> {
  const book = new AddressBook();
  const addresses = new Map<InstanceId, string>();
  for (const { instance, node } of declaredInstances(topology)) {
    const record = topology.nodes[node];
    if (record === undefined) continue;
    // A start tells the neighbours first.
    peersOf(node, topology, book);
    addresses.set(instance, book.addressOf(instance, record));
  }
  return addresses;
}
