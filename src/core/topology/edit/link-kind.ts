import { err, ok, type Result } from '../../base/result.ts';
import { connect } from './connect.ts';
import { editOf, removeRecords, updateLink, type Edit } from './edit.ts';
import type { Document, LinkKind } from '../schema/types.ts';

/** The same link over another protocol: what used it goes, what uses the other kind comes, and its id and latency stay. One undo. */
export function changeLinkKind(document: Document, id: string, kind: LinkKind): Result<Edit> {
  const link = Object.hasOwn(document.links, id) ? document.links[id] : undefined;
  if (link === undefined || link.kind === kind) return ok(editOf(document, document));
  const without = removeRecords(document, [id]).document;
  const drawn = connect(without, link.from.node, link.to.node, () => id, kind);
  if (!drawn.ok) return err(drawn.error);
  const { document: next } = updateLink(drawn.value.document, id, { config: link.config });
  return ok(editOf(document, next));
}
