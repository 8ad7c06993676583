import { bootAddresses } from '../fabric/boot-addresses.ts';
import { nodeOf } from '../fabric/message.ts';
import type { Peer } from '../fabric/protocol.ts';
import type { ExecutableTopology, Resolve } from '../topology/schema/types.ts';

/**
 * How a link resolves among containers: an address by hand that an instance of the neighbour has at the start of a run becomes the neighbour's name there
 * (one name for all replicas); one that nobody has stays as it is written, and nobody will have it there either.
 */
export function containerResolve(peer: Peer, address: string, topology: ExecutableTopology): { resolve?: Resolve } {
  const { resolve } = peer;
  if (resolve?.by !== 'static') return resolve === undefined ? {} : { resolve };
  const held = new Set(
    [...bootAddresses(topology)].flatMap(([instance, at]) => (nodeOf(instance) === peer.node ? [at] : [])),
  );
  const addresses = new Set(resolve.addresses.map((written) => (held.has(written) ? address : written)));
  return { resolve: { by: 'static', addresses: [...addresses] } };
}
