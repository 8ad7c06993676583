import { sortedKeys } from '../../../base/canonical.ts';
import { headerOf } from '../../../http/headers.ts';
import { compilePattern } from '../../../http/pattern.ts';
import type { Route } from '../../../topology/schema/types.ts';

/** What conditions look at beside path and method. */
export interface Asked {
  headers: Record<string, string>;
  query: Record<string, string>;
  /** API version of the request; null without versioning. */
  version: string | null;
}
/** The conditions of one route, read once. */
export interface Conditions {
  hold(asked: Asked): boolean;
  /** Conditions on headers; those on the client's kind and on the version count among them. */
  headers: number;
  query: number;
}

type ValueMatch = NonNullable<Route['headers']>[string];

/** Whether a value is the one that is wanted; a pattern has to match the whole of it. One that cannot be read matches nothing: the document's check refuses it. */
function testOf(match: ValueMatch): (value: string) => boolean {
  if ('equals' in match) return (value) => value === match.equals;
  if ('present' in match) return () => true;
  const pattern = compilePattern(match.matches);
  return pattern.ok ? pattern.value.whole : () => false;
}

const testsOf = (matches: Record<string, ValueMatch> | undefined): [string, (value: string) => boolean][] =>
  sortedKeys(matches ?? {}).map((name) => [name, testOf(matches?.[name] as ValueMatch)]);

/** Reads what a route asks of headers, query, client kind (GW17) and version (GW16). */
export function conditionsOf(route: Route): Conditions {
  const headers = testsOf(route.headers);
  const query = testsOf(route.query);
  const { clientKinds, version } = route;
  return {
    headers: headers.length + Number(clientKinds !== undefined) + Number(version !== undefined),
    query: query.length,
    hold(asked) {
      if (version !== undefined && version !== asked.version) return false;
      const kind = headerOf(asked.headers, 'x-client-kind');
      if (clientKinds?.some((wanted) => wanted === kind) === false) return false;
      const passes = headers.every(([name, test]) => {
        const value = headerOf(asked.headers, name);
        return value !== null && test(value);
      });
      return (
        passes &&
        query.every(([name, test]) => {
          const value = Object.hasOwn(asked.query, name) ? asked.query[name] : undefined;
          return value !== undefined && test(value);
        })
      );
    },
  };
}
