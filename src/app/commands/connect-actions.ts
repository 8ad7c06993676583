import { connectRefusal } from '../../core/topology/edit/connect-refusal.ts';
import type { connect as Connect, Connection } from '../../core/topology/edit/connect.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { newId } from '../document/new-id.ts';
import type { Services } from '../services.ts';
import type { Notice } from '../view/view-state.ts';
import { nameOf, refuseWhenReadOnly } from './edit-actions.ts';
import { withPlans } from './edit-plans.ts';

/** Why no link may go from one node to another: a code with words under the text key `refusal.<code>`; null when one may. */
export const refusalOf = (document: Document, from: string, to: string): string | null =>
  connectRefusal(document, from, to)?.code ?? null;

/** Draws a link with the traffic that uses it, as one undo step. A refusal is told beside `near` (screen coordinates). */
export function connectNodes(
  services: Pick<Services, 'documents' | 'view'>,
  from: string,
  to: string,
  near: Notice['near'] | null,
): void {
  if (!refuseWhenReadOnly(services)) withPlans(({ connect }) => draw(services, connect, from, to, near));
}

function draw(
  { documents, view }: Pick<Services, 'documents' | 'view'>,
  connect: typeof Connect,
  from: string,
  to: string,
  near: Notice['near'] | null,
): void {
  let made: Connection | null = null;
  const drawn = documents.edit('edit.connect', (document) => {
    const connected = connect(document, from, to, newId);
    if (!connected.ok) return connected;
    made = connected.value;
    return { ok: true, value: connected.value.diff };
  });
  if (!drawn.ok) {
    const code = drawn.error[0]?.code ?? 'LINK_KIND_NOT_BETWEEN';
    view.notify({ tone: 'error', words: { key: `refusal.${code}` }, ...(near && { near }) });
    return;
  }
  const { link, added } = made as unknown as Connection;
  const { nodes } = documents.get().document;
  view.select({ links: [link] });
  view.notify({
    tone: 'ok',
    words: { key: 'canvas.connected', values: { from: nameOf(nodes[from]), to: nameOf(nodes[to]) } },
    ...(added && { detail: { key: `made.${added.kind}`, values: { id: added.id, node: nameOf(nodes[added.node]) } } }),
    action: { label: { key: 'app.undo' }, perform: () => documents.undo() },
  });
}

/** Nodes that a link may be drawn to from this one, and why not to the others. */
export function partners(document: Document, from: string): { id: string; refusal: string | null }[] {
  return Object.keys(document.nodes)
    .filter((id) => id !== from)
    .map((id) => ({ id, refusal: refusalOf(document, from, id) }));
}
