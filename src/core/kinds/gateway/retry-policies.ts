import type { ConfigOf, Retries, Route } from '../../topology/schema/types.ts';

type Part = Extract<Route['action'], { kind: 'aggregate' }>['parts'][number];

/** Name of a part's calls in events and states. */
export const partName = (route: Route, part: string): string => `${route.id}/${part}`;

/** Retries of a forward: the route's own, else the gateway's. */
export const retriesOf = (config: ConfigOf<'gateway'>, route: Route): Retries | undefined =>
  route.retries ?? config.retries;
/** Retries of a part: its own, else those of its route. */
export const partRetries = (config: ConfigOf<'gateway'>, route: Route, part: Part): Retries | undefined =>
  part.retries ?? retriesOf(config, route);

/** One object per policy: who calls under it compares them by identity. */
const GUARDINGS = new WeakMap<Retries, { retries: Retries }>();
/** The policy of a call that is only repeated. */
export function guardingOf(retries: Retries): { retries: Retries } {
  const known = GUARDINGS.get(retries);
  if (known !== undefined) return known;
  const made = { retries };
  GUARDINGS.set(retries, made);
  return made;
}

/** Present retry policies by the names of their calls. */
export function retryPolicies(config: ConfigOf<'gateway'>): Map<string, { retries: Retries }> {
  const policies = new Map<string, { retries: Retries }>();
  const add = (name: string, retries: Retries | undefined): void => {
    if (retries !== undefined) policies.set(name, guardingOf(retries));
  };
  for (const route of config.routes) {
    if (route.action.kind === 'forward') add(route.id, retriesOf(config, route));
    else for (const part of route.action.parts) add(partName(route, part.id), partRetries(config, route, part));
  }
  return policies;
}
