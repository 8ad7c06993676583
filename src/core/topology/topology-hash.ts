import { canonicalize } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { sha256Hex } from '../base/sha256.ts';
import type { ExecutableTopology } from './schema/types.ts';

/** sha256 (hex) of the RFC 8785 text of the executable projection: the `topologyHash` of the log header. */
export function topologyHash(topology: ExecutableTopology): string {
  return sha256Hex(canonicalize(topology as unknown as Json));
}
