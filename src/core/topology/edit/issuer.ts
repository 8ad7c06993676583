import { editOf, nodeAt, updateNode, type Edit } from './edit.ts';
import { sortedEntries } from '../sorted.ts';
import type { ConfigOf, Document } from '../schema/types.ts';

type Tokens = ConfigOf<'service'>['tokens'];

/**
 * Changes how a service issues tokens (undefined = not any more). Gateways that verify with its keys and expected what it was expect what it
 * becomes: issuer, and the algorithm where it was the only one. Apart they would refuse every token. One diff.
 */
export function changeTokens(document: Document, service: string, tokens: Tokens): Edit {
  const issuing = nodeAt(document, service);
  const before = issuing?.kind === 'service' ? issuing.config.tokens : undefined;
  let after = updateNode(document, service, { config: { tokens } }).document;
  if (before === undefined || tokens === undefined) return editOf(document, after);
  for (const [id, node] of sortedEntries(document.nodes)) {
    if (node.kind !== 'gateway' || node.config.auth?.kind !== 'jwt') continue;
    const { auth } = node.config;
    if (auth.jwks.kind !== 'node' || auth.jwks.node !== service) continue;
    const [algorithm, ...others] = auth.algorithms;
    const follows = algorithm === before.algorithm && others.length === 0;
    const next = {
      ...auth,
      ...(auth.issuer === before.issuer && { issuer: tokens.issuer }),
      ...(follows && { algorithms: [tokens.algorithm] }),
    };
    after = updateNode(after, id, { config: { auth: next } }).document;
  }
  return editOf(document, after);
}
