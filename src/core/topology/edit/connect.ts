import { assert, err, ok, type Result } from '../../base/result.ts';
import { editOf, nodeAt, withRecords, type Edit, type NewId } from './edit.ts';
import { connectRefusal } from './connect-refusal.ts';
import { defaultLatency, latencyPresetOf } from './latency.ts';
import { useLink, type LinkUse } from './link-use.ts';
import { usualLink } from '../wiring/link-rules.ts';
import type { Document, Link, LinkKind } from '../schema/types.ts';

/** A drawn link and what now uses it. */
export interface Connection extends Edit {
  link: string;
  /** What was added so that traffic flows; null when nothing was needed (discovery). */
  added: LinkUse['added'];
}

/**
 * Draws a link, and the link makes traffic: service->service a `call` before the first endpoint answers, over gRPC of the first method; service->broker a `publish`;
 * broker->service a subscription that notes the message; service->database a first table, a `find` and endpoints; gateway->service a route;
 * client->gateway a request in the mix; to a registry: registration and discovery, which need no step. Wrong wiring is refused, coded, in words.
 */
export function connect(
  document: Document,
  from: string,
  to: string,
  newId: NewId,
  kind?: LinkKind,
): Result<Connection> {
  const refusal = connectRefusal(document, from, to, kind);
  if (refusal !== null) return err([refusal]);
  const source = nodeAt(document, from);
  const target = nodeAt(document, to);
  const wanted = kind ?? (source && target ? usualLink(source.kind, target.kind) : null);
  assert(wanted !== null, `a link that is not refused has a kind (${from} to ${to})`);
  const link = newId();
  const latency = defaultLatency(wanted, latencyPresetOf(document) ?? 'visible');
  const drawn: Link = { kind: wanted, from: { node: from }, to: { node: to }, config: { latency } };
  const { nodes, added } = useLink(document, from, to, wanted);
  const next = {
    ...document,
    nodes: withRecords(document.nodes, nodes),
    links: withRecords(document.links, { [link]: drawn }),
  };
  return ok({ ...editOf(document, next), link, added });
}
