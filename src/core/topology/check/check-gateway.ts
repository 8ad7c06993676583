import { checkAuth } from './check-auth.ts';
import type { Check } from './check.ts';
import { checkGatewayPolicies } from './check-gateway-policies.ts';
import { checkGrpcGateway } from './check-grpc-routes.ts';
import { checkMatching } from './check-routes.ts';
import { checkVersioning } from './check-versioning.ts';
import { checkBalancing } from './check-balance.ts';
import type { ConfigOf, Route } from '../schema/types.ts';

/** Checks one gateway: routes, their targets, aggregates. */
export function checkGateway(check: Check, id: string, config: ConfigOf<'gateway'>, at: string): void {
  checkAuth(check, id, config, at);
  checkBalancing(check, id, config, at);
  checkMatching(check, config, at);
  checkGrpcGateway(check, id, config, at);
  checkVersioning(check, config, `${at}/versioning`);
  checkGatewayPolicies(check, config, at);
  config.routes.forEach((route, index) => checkRoute(check, id, route, `${at}/routes/${index}`));
}

function checkTarget(check: Check, gateway: string, to: string, at: string, protocol: 'http' | 'grpc' = 'http'): void {
  if (check.nodeOf(to, 'service') === undefined) check.error('NODE_UNKNOWN.service', at, { node: to });
  else if (!check.linked(protocol, gateway, to))
    check.error(protocol === 'grpc' ? 'ROUTE_NOT_LINKED.grpc' : 'ROUTE_NOT_LINKED', at, { from: gateway, to });
}

/** Shares of the traffic: each upstream once and reachable, and somebody gets some of it. */
function checkSplit(
  check: Check,
  gateway: string,
  action: Extract<Route['action'], { kind: 'forward' }>,
  at: string,
  protocol?: 'grpc',
): void {
  const { split } = action;
  if (split === undefined) return;
  check.unique(
    split.map(({ to }) => to),
    'SPLIT_DUPLICATE',
    (index) => `${at}/${index}/to`,
  );
  split.forEach(({ to }, index) => checkTarget(check, gateway, to, `${at}/${index}/to`, protocol));
  if (split.every(({ weight }) => weight === 0)) check.error('SPLIT_EMPTY', at, {});
}

function checkRoute(check: Check, gateway: string, route: Route, at: string): void {
  const { action } = route;
  if (action.kind === 'forward') {
    checkTarget(check, gateway, action.to, `${at}/action/to`, route.protocol);
    return checkSplit(check, gateway, action, `${at}/action/split`, route.protocol);
  }
  check.unique(
    action.parts.map((part) => part.id),
    'PART_DUPLICATE',
    (index) => `${at}/action/parts/${index}/id`,
  );
  action.parts.forEach((part, index) => {
    const place = `${at}/action/parts/${index}`;
    checkTarget(check, gateway, part.to, `${place}/to`);
    const names = [
      ...check.expressions(part.path, `${place}/path`),
      ...check.expressions(part.each ?? '', `${place}/each`),
    ];
    if (action.mode === 'parallel' && names.includes('parts'))
      check.error('PART_NOT_PARALLEL', place, { part: part.id });
    if (part.each === undefined && names.includes('item')) check.error('PART_WITHOUT_EACH', place, { part: part.id });
  });
  check.expressions(action.body, `${at}/action/body`);
}
