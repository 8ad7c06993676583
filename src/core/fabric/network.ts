import { sampleUs } from '../base/distribution.ts';
import type { VirtualTime } from '../base/order.ts';
import { random } from '../base/random.ts';
import type { ExecutableLink, ExecutableTopology } from '../topology/types.ts';

/** Shortest minimum latency over all links: no effect crosses instances faster (decision 2). µs; 1 s without links. */
export function lookaheadUs(topology: ExecutableTopology): number {
  let least = 1_000_000;
  for (const id of Object.keys(topology.links)) {
    const link = topology.links[id];
    if (link) least = Math.min(least, link.latency.minUs);
  }
  return least;
}

/** When a message that departs at `departAt` arrives: max(sample, minUs), by hash of the message id. */
export function arrivalOf(link: ExecutableLink, seed: number, messageId: string, departAt: VirtualTime): VirtualTime {
  const sample = sampleUs(link.latency.distribution, random(seed, 'latency', messageId));
  return departAt + Math.max(sample, link.latency.minUs);
}
