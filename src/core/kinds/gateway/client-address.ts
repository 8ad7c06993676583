import { EDGE, type InstanceId } from '../../fabric/message.ts';
import type { Peer } from '../../fabric/protocol.ts';

/** Who asks from outside of the drawing. */
export const EDGE_ADDRESS = 'edge';

/** `host` of `host:port` and of `[host]:port`. */
const withoutPort = (address: string): string =>
  address.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([^:]+):\d+$/, '$1');

/** Address of a caller without its port: that of its socket if there is one, else that of its instance; `edge` from outside (GW6). */
export function clientAddress(peers: readonly Peer[], from: InstanceId, socket: string | null): string {
  if (socket !== null) return withoutPort(socket);
  if (from === EDGE) return EDGE_ADDRESS;
  for (const peer of peers) {
    const known = peer.instances.find(({ instance }) => instance === from);
    if (known !== undefined) return withoutPort(known.address);
  }
  return from;
}
