import { matchTemplate, splitTarget } from '../../http/path.ts';
import type { ConfigOf, Route } from '../schema/types.ts';
import type { Check } from './check.ts';

type Request = ConfigOf<'client'>['requests'][number];

/** False only when the route certainly leaves the path to others; a pattern is not tried here. */
function mayTake({ match, path: place }: Route, path: string): boolean {
  if (match === 'exact') return place === path;
  if (match === 'template') return matchTemplate(place, path) !== null;
  if (match !== 'prefix') return true;
  const prefix = place.replace(/\/$/, '');
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** Warns of a request over HTTP that no route of its gateway can take; one whose path is computed only where there is no route over HTTP at all. */
export function checkRouted(check: Check, { to, method, path }: Request, at: string): void {
  const gateway = check.nodeOf(to, 'gateway')?.config;
  if (gateway === undefined) return;
  const routes = gateway.routes.filter(({ protocol }) => protocol === undefined);
  const isKnown = !path.includes('${') && gateway.versioning === undefined && gateway.matching !== 'nginx';
  if (routes.length > 0 && (!isKnown || routes.some((route) => mayTake(route, splitTarget(path).path)))) return;
  check.warn('REQUEST_NOT_ROUTED', `${at}/path`, { gateway: to, method, path });
}
