import { afterAll, expect, test } from 'vitest';
import type { Route } from '../../../topology/schema/types.ts';
import recorded from './__golden__/nginx-1.30.6-routing.json';
import { ROUTING_SCRIPTS, type RoutingScript } from './nginx-scripts.suite.ts';
import { createRouter } from './routing.ts';

/** Recorded from a real nginx by e2e/conformance/oracles/routing.engine.test.ts. */
const GOLDEN: Record<string, Record<string, string>> = recorded;

const routeOf = ({ id, match, path }: RoutingScript['locations'][number]): Route => ({
  id,
  match,
  path,
  action: { kind: 'forward', to: 'any', stripPrefix: false },
});

/** Targets of each script that was equal. */
const compared: number[] = [];

test.each(ROUTING_SCRIPTS)('GW2 as nginx: $name', ({ name, locations, targets }) => {
  const router = createRouter({ matching: 'nginx', routes: locations.map(routeOf) });
  const shown = targets.map((target) => {
    const decision = router({ method: 'GET', target, headers: {} });
    if (decision.kind === 'route') return [target, decision.route.id];
    return [target, decision.kind === 'redirect' ? `301 ${decision.location}` : String(decision.status)];
  });
  expect(Object.fromEntries(shown)).toEqual(GOLDEN[name]);
  compared.push(targets.length);
});

afterAll(() => {
  const targets = compared.reduce((sum, count) => sum + count, 0);
  console.log(`GW2: ${compared.length} routing scripts, ${targets} targets routed as by nginx 1.30.6`);
});
