import type { AnyExecutableNode, ExecutableTopology } from '../topology/schema/types.ts';

/** Name of the secret that a service signs its tokens with. */
export const tokenKeySecret = (service: string): string => `${service}-token-key`;

/** Signing secrets that a container gets, by node id of the issuer: its own, and at a gateway that of an issuer whose key is shared (HS256). Public keys are fetched. */
export function tokenKeys(
  node: string,
  record: AnyExecutableNode,
  topology: ExecutableTopology,
): Record<string, { secret: string; file: string }> {
  const issuers: string[] = [];
  if (record.kind === 'service' && record.config.tokens !== undefined) issuers.push(node);
  if (record.kind === 'gateway' && record.config.auth?.kind === 'jwt' && record.config.auth.jwks.kind === 'node') {
    const issuer = topology.nodes[record.config.auth.jwks.node];
    if (issuer?.kind === 'service' && issuer.config.tokens?.algorithm === 'HS256')
      issuers.push(record.config.auth.jwks.node);
  }
  return Object.fromEntries(
    issuers.map((issuer) => {
      const secret = tokenKeySecret(topology.nodes[issuer]?.name ?? issuer);
      return [issuer, { secret, file: `/run/secrets/${secret}` }];
    }),
  );
}
