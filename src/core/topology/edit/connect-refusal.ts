import type { Problem } from '../../base/result.ts';
import { editProblem } from './edit-texts.ts';
import { nodeAt } from './edit.ts';
import { linkRefusal, REFUSAL_TEXT, usualLink } from '../wiring/link-rules.ts';
import type { Document, LinkKind } from '../schema/types.ts';

/** Why no link may be drawn from one node to another, in words and coded; null when one may. */
export function connectRefusal(document: Document, from: string, to: string, kind?: LinkKind): Problem | null {
  const refuse = (code: string, why: string): Problem =>
    editProblem('CONNECT_REFUSED', 'links', { from, to, why }, { code });
  const source = nodeAt(document, from);
  const target = nodeAt(document, to);
  if (!source || !target) return editProblem('NODE_UNKNOWN.connect', 'links', { node: source ? to : from });
  // A service that is drawn to a gateway means the one that takes gRPC; to any other it cannot go.
  const isDeaf = source.kind === 'service' && target.kind === 'gateway' && target.config.grpc === undefined;
  const wanted = kind ?? (isDeaf ? null : usualLink(source.kind, target.kind)) ?? 'http';
  const refusal = from === to ? 'LINK_TO_ITSELF' : linkRefusal(source.kind, target.kind, wanted);
  if (refusal !== null) return refuse(refusal, REFUSAL_TEXT[refusal]);
  const alike = Object.values(document.links).filter((link) => link.kind === wanted && link.from.node === from);
  if (alike.some((link) => link.to.node === to)) return refuse('LINK_DUPLICATE', 'they are connected already');
  // One outbox and one default store per service.
  if (wanted === 'owns' && alike.length > 0) return refuse('LINK_SECOND_DATABASE', REFUSAL_TEXT.LINK_SECOND_DATABASE);
  return null;
}
