import { flattenSteps, handlersOf } from '../../core/topology/steps.ts';
import type { ConfigOf } from '../../core/topology/schema/types.ts';

type Config = ConfigOf<'service'>;
/** Configurations are replaced, never changed: one look at the steps of each is enough, however often it is laid out. */
const known = new WeakMap<Config, boolean>();

/** True when a call of this service is made again after it failed. */
export function hasRetries(config: Config): boolean {
  const before = known.get(config);
  if (before !== undefined) return before;
  const found = handlersOf(config).some(({ steps }) =>
    flattenSteps(steps).some((step) => step.do === 'call' && step.policy?.retries !== undefined),
  );
  known.set(config, found);
  return found;
}

/** px at 100 %: header and figures, and a line for the retries of its calls. */
export const serviceHeight = (config: Config): number => (hasRetries(config) ? 80 : 62);
