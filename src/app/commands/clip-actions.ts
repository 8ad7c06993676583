import { copy, type Clip } from '../../core/topology/edit/copy.ts';
import type { paste as Paste } from '../../core/topology/edit/paste.ts';
import { emptyDocument, removeRecords } from '../../core/topology/edit/edit.ts';
import { newId } from '../document/new-id.ts';
import type { Services } from '../services.ts';
import { refuseWhenReadOnly } from './edit-actions.ts';
import { withPlans } from './edit-plans.ts';

type Editing = Pick<Services, 'documents' | 'view'>;
/** px by which a copy lies off its original. */
const OFFSET = 24;
/** Pasting what was copied here works even when the browser keeps the clipboard closed. */
let lastCopied: string | null = null;

/** The selection as text that another tab (or a chat) can carry; null when no node is selected. */
export function clipText({ documents, view }: Editing): string | null {
  const { nodes, groups } = view.get().selection;
  if (nodes.length === 0 && groups.length === 0) return null;
  return JSON.stringify(copy(documents.get().document, [...nodes, ...groups]));
}

/** Copies the selection to the clipboard (when the browser allows it) and remembers it here. */
export async function copySelection(services: Editing): Promise<void> {
  const text = clipText(services);
  if (text === null) return;
  rememberCopied(services, text);
  await navigator.clipboard?.writeText(text).catch(() => undefined);
}

/** Tells that a clip was copied; used by the browser's own copy event. */
export function rememberCopied({ view }: Editing, text: string): void {
  lastCopied = text;
  view.announce({ key: 'canvas.copied', values: { count: Object.keys((JSON.parse(text) as Clip).nodes).length } });
}

/** Copies the selection, then removes it. */
export async function cutSelection(services: Editing): Promise<void> {
  await copySelection(services);
  removeSelected(services);
}

/** Removes the selection after its text was put into the clipboard. */
export function removeSelected(services: Editing): void {
  if (refuseWhenReadOnly(services)) return;
  const { nodes, groups } = services.view.get().selection;
  services.documents.edit('edit.cut', (document) => ({
    ok: true,
    value: removeRecords(document, [...nodes, ...groups]).diff,
  }));
  services.view.select({});
}

/** Pastes a copied selection with new ids, at the pointer when it is over the canvas; a whole document (JSON, or a compose file of ours) is opened. Foreign text is refused in words; null means that the clipboard was closed. */
export async function pasteText(services: Editing & Pick<Services, 'files'>, text: string | null): Promise<void> {
  if (text !== null && isDocument(text)) {
    const name = isYaml(text) ? 'clipboard.yaml' : 'clipboard.json';
    await services.files.open({ kind: 'text', name, text });
    return;
  }
  if (refuseWhenReadOnly(services)) return;
  const { view } = services;
  const source = text ?? lastCopied;
  if (source === null) {
    view.notify({ tone: 'error', words: { key: 'canvas.clipBlocked' } });
    return;
  }
  const clip = await readClip(source);
  if (clip === null) {
    view.notify({ tone: 'error', words: { key: 'canvas.clipForeign' } });
    return;
  }
  withPlans(({ paste }) => pasteClip(services, paste, clip, 'edit.paste', pasteOffset(services, clip)));
}

/** Pastes a copy of the selection beside it, or `offset` px away. */
export function duplicateSelection(services: Editing, offset = { x: OFFSET, y: OFFSET }): void {
  if (refuseWhenReadOnly(services)) return;
  const { nodes, groups } = services.view.get().selection;
  const clip = copy(services.documents.get().document, [...nodes, ...groups]);
  withPlans(({ paste }) => pasteClip(services, paste, clip, 'edit.duplicate', offset));
}

const isYaml = (text: string): boolean => /^(services|name|x-servarium)\s*:/m.test(text);
/** A topology of ours as a file has it, not a selection of one. */
const isDocument = (text: string): boolean => isYaml(text) || /^\s*\{[\s\S]*"format"\s*:\s*"servarium"/.test(text);

function pasteOffset({ view, documents }: Editing, clip: Clip): { x: number; y: number } {
  const positions = Object.values(clip.nodes).map((node) => node.position);
  const left = Math.min(...positions.map(({ x }) => x));
  const top = Math.min(...positions.map(({ y }) => y));
  const pointer = view.canvas?.pointer();
  const snap = (value: number) => Math.round(value / 8) * 8;
  if (pointer) return { x: snap(pointer.x - left), y: snap(pointer.y - top) };
  const isTaken = Object.values(documents.get().document.nodes).some(
    ({ position }) => position.x === left && position.y === top,
  );
  return isTaken ? { x: OFFSET, y: OFFSET } : { x: 0, y: 0 };
}

function pasteClip(
  { documents, view }: Editing,
  paste: typeof Paste,
  clip: Clip,
  label: string,
  offset: { x: number; y: number },
): void {
  let ids: string[] = [];
  documents.edit(label, (document) => {
    const pasted = paste(document, clip, offset, newId);
    ids = pasted.ids;
    return { ok: true, value: pasted.diff };
  });
  const { document } = documents.get();
  view.select({
    nodes: ids.filter((id) => Object.hasOwn(document.nodes, id)),
    groups: ids.filter((id) => Object.hasOwn(document.groups, id)),
  });
  view.announce({ key: 'canvas.pasted', values: { count: Object.keys(clip.nodes).length } });
}

/** A clip from text of unknown origin: judged by the document's own schema; null when it is none. */
async function readClip(text: string): Promise<Clip | null> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { format, nodes, links, groups } = value as Record<string, unknown>;
  if (format !== 'servarium-clip') return null;
  const { readDocument } = await import('../../core/topology/parse.ts');
  const read = readDocument({ ...emptyDocument('clip', ''), nodes, links, groups });
  if (!read.ok || Object.keys(read.value.nodes).length === 0) return null;
  return { format: 'servarium-clip', nodes: read.value.nodes, links: read.value.links, groups: read.value.groups };
}
