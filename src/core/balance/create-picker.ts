import type { LoadBalancing } from '../topology/schema/types.ts';
import { LeastRequest } from './least-request.ts';
import { Maglev, RingHash } from './consistent-hash.ts';
import { RoundRobin, WeightedRoundRobin } from './round-robin.ts';

import { pickRandom, type Picker } from './picker.ts';

/** A picker that knows nothing yet. Semantics after nginx (round robin, weighted) and Envoy (the others) (GW11). */
export function createPicker(policy: LoadBalancing): Picker {
  switch (policy.kind) {
    case 'round-robin':
      return new RoundRobin();
    case 'weighted-round-robin':
      return new WeightedRoundRobin();
    case 'random':
      return { pick: (candidates, context) => pickRandom(candidates, context.random(0)) };
    case 'least-request':
      return new LeastRequest(policy.choices, policy.bias);
    case 'ring-hash':
      return new RingHash();
    case 'maglev':
      return new Maglev();
  }
}
