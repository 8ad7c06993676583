import { rpcServicesBehind, takesRpc } from '../../core/topology/wiring/grpc-routes.ts';
import type { Document } from '../../core/topology/schema/types.ts';

const methodsOf = (document: Document, service: string): string[] => {
  const node = document.nodes[service];
  return node?.kind === 'service' ? (node.config.grpc?.methods ?? []).map(({ rpc }) => rpc) : [];
};

/** Rpcs that services answer, each once. */
export const rpcsOfServices = (document: Document, services: readonly string[]): string[] => [
  ...new Set(services.flatMap((service) => methodsOf(document, service))),
];

/** What callers of a node may call over gRPC: a service's methods, or those that the routes of a gateway take. */
export function rpcsBehind(document: Document, id: string): string[] {
  const node = document.nodes[id];
  if (node?.kind !== 'gateway') return methodsOf(document, id);
  const behind = rpcServicesBehind(document, id).map((one) => one.id);
  const isRouted = (rpc: string): boolean => node.config.routes.some((route) => takesRpc(route, `/${rpc}`));
  return rpcsOfServices(document, behind).filter(isRouted);
}
