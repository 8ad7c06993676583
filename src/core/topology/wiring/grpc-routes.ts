import { sortedEntries } from '../sorted.ts';
import type { Document, NodeOf, Route } from '../schema/types.ts';

/** True when a route over gRPC takes the path of an rpc, conditions on metadata aside. */
export const takesRpc = ({ protocol, match, path }: Route, rpcPath: string): boolean =>
  protocol === 'grpc' && (match === 'exact' ? rpcPath === path : rpcPath.startsWith(`${path.replace(/\/$/, '')}/`));

/** Services that a gateway reaches over gRPC, in the order of its links. */
export const rpcServicesBehind = (
  { nodes, links }: Pick<Document, 'nodes' | 'links'>,
  gateway: string,
): { id: string; service: NodeOf<'service'> }[] =>
  sortedEntries(links).flatMap(([, { kind, from, to }]) => {
    const service = kind === 'grpc' && from.node === gateway && Object.hasOwn(nodes, to.node) ? nodes[to.node] : null;
    return service?.kind === 'service' ? [{ id: to.node, service }] : [];
  });

/**
 * True when a proto text describes an rpc. A scan, not a parse: the parser would weigh more in the page's first chunk than what asks here, and its only mistake is
 * a name that stands in a comment or in another service of the text.
 */
export function describesRpc(proto: string, rpc: string): boolean {
  const [full = '', method = ''] = rpc.split('/');
  const at = full.lastIndexOf('.');
  const has = (words: string): boolean => new RegExp(`\\b${words.replaceAll('.', '\\.')}`).test(proto);
  return (
    /^[\w.]+\/\w+$/.test(rpc) &&
    has(`service\\s+${full.slice(at + 1)}\\b`) &&
    has(`rpc\\s+${method}\\b`) &&
    (at < 0 || has(`package\\s+${full.slice(0, at)}\\s*;`))
  );
}
