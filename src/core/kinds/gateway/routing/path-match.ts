import { compareTemplates, matchTemplate } from '../../../http/path.ts';
import type { Route } from '../../../topology/schema/types.ts';

type Place = Pick<Route, 'match' | 'path'>;

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};
const segmentsOf = (path: string): string[] => path.split('/').slice(1).map(decode);
/** Segments of a prefix: a trailing slash does not count, `/` has none. */
export const prefixSegments = (path: string): string[] => {
  const segments = segmentsOf(path);
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments;
};

/**
 * Parameters of a path that a route accepts, or null: the whole path (`exact`), the whole path with a non-empty segment for each `{name}` (`template`),
 * or by segment (`prefix`: `/v2` takes `/v2`, `/v2/`, `/v2/x`, not `/v2example`).
 */
export function matchPath(place: Place, path: string): Record<string, string> | null {
  if (place.match === 'template') return matchTemplate(place.path, path);
  const given = segmentsOf(path);
  if (place.match === 'exact') {
    const wanted = segmentsOf(place.path);
    return wanted.length === given.length && wanted.every((segment, index) => segment === given[index]) ? {} : null;
  }
  return prefixSegments(place.path).every((segment, index) => segment === given[index]) ? {} : null;
}

const RANK: Record<Route['match'], number> = { exact: 0, template: 1, prefix: 2, 'prefix-first': 2, regex: 2 };
const literals = (path: string): number => path.split('/').filter((segment) => !/^\{.+\}$/.test(segment)).length;

/** Order of two places that accept one path: exact, then the template with more literal segments (then the one whose first difference is a literal), then the longer prefix. */
export function comparePlaces(a: Place, b: Place): number {
  if (RANK[a.match] !== RANK[b.match]) return RANK[a.match] - RANK[b.match];
  if (a.match === 'template') return literals(b.path) - literals(a.path) || compareTemplates(a.path, b.path);
  return a.match === 'prefix' ? prefixSegments(b.path).length - prefixSegments(a.path).length : 0;
}
