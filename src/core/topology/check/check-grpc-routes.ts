import { parseProto } from '../../grpc/parse-proto.ts';
import { rpcsOf, type Rpc } from '../../grpc/rpcs.ts';
import { rpcServicesBehind, takesRpc } from '../wiring/grpc-routes.ts';
import type { Check } from './check.ts';
import type { ConfigOf, GrpcService, Route } from '../schema/types.ts';

const rpcsIn = (grpc: GrpcService | undefined): Rpc[] => {
  const file = parseProto(grpc?.proto ?? '');
  return file.ok ? rpcsOf(file.value) : [];
};
/** What callers of a node may call over gRPC: what a service describes, or what the services behind a gateway do. */
export function rpcsOfNode(check: Check, id: string): Rpc[] {
  const node = check.node(id);
  if (node?.kind === 'service') return rpcsIn(node.config.grpc);
  if (node?.kind !== 'gateway') return [];
  const all = rpcServicesBehind(check.document, id).flatMap(({ service }) => rpcsIn(service.config.grpc));
  return all.filter(({ rpc }, index) => all.findIndex((other) => other.rpc === rpc) === index);
}

/** Reports an rpc that nobody behind the called node describes, or that no route of a called gateway takes. */
export function checkRpc(check: Check, to: string, rpc: string, at: string): Rpc | undefined {
  const rpcs = rpcsOfNode(check, to);
  const found = rpcs.find((one) => one.rpc === rpc);
  const routes = check.nodeOf(to, 'gateway')?.config.routes;
  if (found === undefined) check.error('RPC_UNKNOWN', at, { rpc, known: rpcs.map((one) => one.rpc).join(', ') || '-' });
  else if (routes?.some((route) => takesRpc(route, `/${rpc}`)) === false)
    check.warn('RPC_NOT_ROUTED', at, { rpc, gateway: to });
  return found;
}

/** What no route over gRPC can do: messages are bytes, and an rpc has no query. */
function checkFields(check: Check, route: Route, at: string): void {
  for (const field of ['methods', 'query', 'version', 'transform'] as const)
    if (route[field] !== undefined) check.error('GRPC_ROUTE_FIELD', `${at}/${field}`, { field });
  const { action } = route;
  if (action.kind === 'aggregate') check.error('GRPC_ROUTE_AGGREGATE', `${at}/action/kind`, {});
  else if (action.stripPrefix) check.error('GRPC_ROUTE_FIELD', `${at}/action/stripPrefix`, { field: 'stripPrefix' });
}

const NAME = '[A-Za-z_]\\w*';
const SERVICE = `/${NAME}(\\.${NAME})*`;
const PATHS = { exact: new RegExp(`^${SERVICE}/${NAME}$`), prefix: new RegExp(`^(/|${SERVICE})$`) };

function checkGrpcRoute(check: Check, gateway: string, route: Route, at: string): void {
  checkFields(check, route, at);
  const { match, path, action } = route;
  const shape = match === 'exact' || match === 'prefix' ? PATHS[match] : null;
  if (shape?.test(path) !== true) return check.error('GRPC_ROUTE_PATH', `${at}/path`, { path });
  if (action.kind !== 'forward') return;
  const targets = [
    { to: action.to, place: 'to' },
    ...(action.split ?? []).map(({ to }, n) => ({ to, place: `split/${n}/to` })),
  ];
  for (const { to, place } of targets) {
    const rpcs = check.linked('grpc', gateway, to) ? rpcsOfNode(check, to) : null;
    if (rpcs?.some(({ rpc }) => takesRpc(route, `/${rpc}`)) === false)
      check.warn('GRPC_ROUTE_UNSERVED', `${at}/action/${place}`, { to, path });
  }
}

/** Checks what a gateway does over gRPC: where it listens, its routes, and that no setting that is HTTP's alone goes past them unseen (GW18). */
export function checkGrpcGateway(check: Check, id: string, config: ConfigOf<'gateway'>, at: string): void {
  const isOver = ({ protocol }: Route): boolean => protocol === 'grpc';
  const hasRoutes = config.routes.some(isOver);
  config.routes.forEach((route, index) => {
    if (isOver(route)) checkGrpcRoute(check, id, route, `${at}/routes/${index}`);
  });
  if (config.grpc === undefined) {
    if (hasRoutes) check.error('GRPC_NOT_SERVED.gateway', `${at}/grpc`, { gateway: id });
    return;
  }
  if (config.grpc.port === config.port) check.error('PORT_DUPLICATE', `${at}/grpc/port`, { port: config.port });
  if (config.matching === 'nginx') check.error('GRPC_NGINX', `${at}/matching`, {});
  if (!hasRoutes) return;
  if (config.transform !== undefined) check.error('GRPC_GATEWAY_FIELD', `${at}/transform`, { field: 'transform' });
  if (!config.routes.every(isOver)) return;
  for (const field of ['cors', 'versioning'] as const)
    if (config[field] !== undefined) check.error('GRPC_GATEWAY_FIELD', `${at}/${field}`, { field });
}
