import type { Route } from '../../../topology/schema/types.ts';

/** `target` is path with query, as it stands in the request line; header names in any case. */
export interface RouteRequest {
  method: string;
  target: string;
  headers: Record<string, string>;
}
export type RouteDecision =
  | {
      kind: 'route';
      route: Route;
      /** Decoded `{name}` parts of a template. */
      params: Record<string, string>;
      /** API version of the request; null without versioning. */
      version: string | null;
      /** Path with query as an upstream gets it: the prefix stripped if the route says so, a version in the path taken off. */
      target: string;
    }
  /** nginx adds the slash that a proxied location ends with (301). */
  | { kind: 'redirect'; location: string }
  | { kind: 'refused'; status: 400 | 404 | 405 | 406; code: string; detail: string; allow: string[] };
export type Router = (request: RouteRequest) => RouteDecision;

/** 405 with the methods that the path allows, or 404 (GW3). */
export function refusal(method: string, path: string, allow: string[]): RouteDecision {
  if (allow.length === 0)
    return { kind: 'refused', status: 404, code: 'no_route', detail: `no route for ${method} ${path}`, allow };
  const detail = `${allow.join(', ')} allowed here, not ${method}`;
  return { kind: 'refused', status: 405, code: 'method_not_allowed', detail, allow };
}
