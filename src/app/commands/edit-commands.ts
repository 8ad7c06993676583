import type { Document, Group } from '../../core/topology/schema/types.ts';
import type { Services } from '../services.ts';
import { selectionSize, type Selection } from '../view/view-state.ts';
import { copySelection, cutSelection, duplicateSelection, pasteText } from './clip-actions.ts';
import type { Command } from './command.ts';
import {
  addPreset,
  arePinned,
  deleteSelection,
  groupSelection,
  moveRecords,
  nudge,
  pinSelection,
  ungroupSelection,
  type Moves,
} from './edit-actions.ts';
import { connectNodes, refusalOf } from './connect-actions.ts';
import { walk, type Direction } from './walk.ts';

/** px of one press of an arrow key; with Shift five times as far. */
const NUDGE = 8;

interface Parts extends Services {
  /** The frame around the faces of nodes; the interface knows how large they are. */
  frame: (document: Document, nodes: readonly string[]) => Omit<Group, 'title'>;
  /** Title of a new bounded context. */
  contextTitle: () => string;
  /** Places for components; loads with the first use. `chosen` null = all of them. */
  arrange: (document: Document, chosen: readonly string[] | null) => Promise<Moves>;
}

/** Commands that change the document. */
export function editCommands(services: Parts): Command[] {
  const { documents, view } = services;
  const selection = (): Selection => view.get().selection;
  const readOnly = () => (documents.get().saved === 'readonly' ? 'reason.readOnly' : null);
  const unless = (isMissing: () => boolean, reason: string) => () => readOnly() ?? (isMissing() ? reason : null);
  const nothing = () => selectionSize(selection()) === 0;
  const noNode = () => selection().nodes.length === 0;
  const noOne = () => selection().nodes.length !== 1;
  return [
    {
      id: 'edit.undo',
      label: 'command.undo',
      icon: 'undo',
      group: 'edit',
      shortcuts: ['$mod+KeyZ'],
      disabledReason: unless(() => documents.get().history.past.length === 0, 'reason.nothingToUndo'),
      perform: () => travel(services, 'undo'),
    },
    {
      id: 'edit.redo',
      label: 'command.redo',
      icon: 'redo',
      group: 'edit',
      shortcuts: ['$mod+Shift+KeyZ', 'Control+KeyY'],
      disabledReason: unless(() => documents.get().history.future.length === 0, 'reason.nothingToRedo'),
      perform: () => travel(services, 'redo'),
    },
    {
      id: 'edit.connect',
      label: 'command.connect',
      icon: 'connect',
      group: 'edit',
      shortcuts: ['KeyL'],
      disabledReason: unless(noOne, 'reason.selectNode'),
      perform: () => {
        const node = selection().nodes[0];
        if (node) view.openDialog({ kind: 'connect', node });
      },
    },
    {
      id: 'edit.rename',
      label: 'command.rename',
      icon: 'rename',
      group: 'edit',
      shortcuts: ['F2', 'Enter'],
      disabledReason: unless(() => noOne() && selection().groups.length !== 1, 'reason.selectNode'),
      perform: () => {
        const { nodes, groups } = selection();
        view.setRenaming(nodes[0] ?? `group:${groups[0] ?? ''}`);
      },
    },
    {
      id: 'edit.cut',
      label: 'command.cut',
      icon: 'cut',
      group: 'edit',
      shortcuts: ['$mod+KeyX'],
      isNative: true,
      disabledReason: unless(noNode, 'reason.nothingSelected'),
      perform: () => cutSelection(services),
    },
    {
      id: 'edit.copy',
      label: 'command.copy',
      icon: 'copy',
      group: 'edit',
      shortcuts: ['$mod+KeyC'],
      isNative: true,
      disabledReason: () => (noNode() ? 'reason.nothingSelected' : null),
      perform: () => copySelection(services),
    },
    {
      id: 'edit.paste',
      label: 'command.paste',
      icon: 'paste',
      group: 'edit',
      shortcuts: ['$mod+KeyV'],
      isNative: true,
      disabledReason: readOnly,
      perform: async () => pasteText(services, await navigator.clipboard.readText().catch(() => null)),
    },
    {
      id: 'edit.duplicate',
      label: 'command.duplicate',
      icon: 'duplicate',
      group: 'edit',
      shortcuts: ['$mod+KeyD'],
      disabledReason: unless(noNode, 'reason.nothingSelected'),
      perform: () => duplicateSelection(services),
    },
    {
      id: 'edit.delete',
      label: 'command.delete',
      icon: 'delete',
      group: 'edit',
      shortcuts: ['Delete', 'Backspace'],
      disabledReason: unless(nothing, 'reason.nothingSelected'),
      perform: () => deleteSelection(services),
    },
    {
      id: 'edit.selectAll',
      label: 'command.selectAll',
      icon: 'select',
      group: 'edit',
      shortcuts: ['$mod+KeyA'],
      perform: () => {
        const { document } = documents.get();
        view.select({ nodes: Object.keys(document.nodes), groups: Object.keys(document.groups) });
      },
    },
    {
      id: 'edit.selectNone',
      label: 'command.selectNone',
      group: 'edit',
      listed: false,
      shortcuts: ['Escape'],
      perform: () => {
        view.select({});
        view.setFocus(null);
      },
    },
    {
      id: 'edit.group',
      label: 'command.group',
      icon: 'group',
      group: 'edit',
      shortcuts: ['$mod+KeyG'],
      disabledReason: unless(noNode, 'reason.nothingSelected'),
      perform: () => groupSelection(services, services.contextTitle(), services.frame),
    },
    {
      id: 'edit.ungroup',
      label: 'command.ungroup',
      icon: 'ungroup',
      group: 'edit',
      shortcuts: ['$mod+Shift+KeyG'],
      disabledReason: unless(() => selection().groups.length === 0, 'reason.noGroup'),
      perform: () => ungroupSelection(services),
    },
    {
      id: 'edit.arrange',
      get label() {
        return selection().nodes.length > 1 ? 'command.arrangeSelection' : 'command.arrange';
      },
      icon: 'arrange',
      group: 'edit',
      shortcuts: ['Shift+Alt+KeyL'],
      disabledReason: unless(() => Object.keys(documents.get().document.nodes).length === 0, 'reason.empty'),
      perform: () => arrangeNodes(services),
    },
    {
      id: 'edit.pin',
      get label() {
        return arePinned(documents.get().document, selection().nodes) ? 'command.unpin' : 'command.pin';
      },
      icon: 'pin',
      group: 'edit',
      shortcuts: ['KeyP'],
      disabledReason: unless(noNode, 'reason.nothingSelected'),
      perform: () => pinSelection(services),
    },
    ...nudges(
      services,
      unless(() => noNode() && selection().groups.length === 0, 'reason.nothingSelected'),
    ),
    ...walks(services),
    {
      id: 'add.starter',
      label: 'command.addStarter',
      icon: 'add',
      group: 'add',
      when: () => Object.keys(documents.get().document.nodes).length === 0,
      disabledReason: readOnly,
      perform: () => addStarter(services),
    },
  ];
}

/** Whether most components of the drawing stand elsewhere. */
function isRearranged(before: Document, after: Document): boolean {
  const ids = Object.keys(after.nodes);
  const moved = ids.filter((id) => {
    const [from, to] = [before.nodes[id]?.position, after.nodes[id]?.position];
    return from !== undefined && (from.x !== to?.x || from.y !== to.y);
  });
  return moved.length * 2 > ids.length;
}

/** One step of the history. A layout taken back may leave the view where nothing stands any more: it is fitted, as by the layout. */
function travel({ documents, view }: Pick<Parts, 'documents' | 'view'>, way: 'undo' | 'redo'): void {
  const before = documents.get().document;
  if (!documents[way]()) return;
  if (isRearranged(before, documents.get().document)) view.canvas?.fit();
  view.announce({ key: way === 'undo' ? 'canvas.undone' : 'canvas.redone' });
}

/** Arranges the selected components, or everything when fewer than two are selected; one undo step. */
async function arrangeNodes(services: Parts): Promise<void> {
  const { documents, view } = services;
  const { nodes } = view.get().selection;
  const { document } = documents.get();
  const moves = await services.arrange(document, nodes.length > 1 ? nodes : null);
  // Drawn on while the layout loaded: places for another drawing would be wrong.
  if (documents.get().document !== document) return arrangeNodes(services);
  moveRecords(services, moves, undefined, 'edit.arrange');
  if (nodes.length <= 1) view.canvas?.fit();
  view.announce({ key: 'canvas.arranged' });
}

/** A client that calls a service: the smallest thing that moves. */
function addStarter(services: Services): void {
  const { documents, view } = services;
  const centre = view.canvas?.freePlace({ width: 1, height: 1 }) ?? { x: 0, y: 0 };
  const client = addPreset(services, 'client-web', { x: centre.x - 160, y: centre.y });
  const service = addPreset(services, 'blank', { x: centre.x + 160, y: centre.y });
  if (client && service && refusalOf(documents.get().document, client, service) === null) {
    connectNodes(services, client, service, null);
  }
}

const ARROWS = [
  ['ArrowLeft', -1, 0],
  ['ArrowRight', 1, 0],
  ['ArrowUp', 0, -1],
  ['ArrowDown', 0, 1],
] as const;

function nudges(services: Services, disabledReason: () => string | null): Command[] {
  return ARROWS.flatMap(([key, x, y]) =>
    [1, 5].map((times) => ({
      id: `edit.nudge.${key}${times === 1 ? '' : '.far'}`,
      label: 'command.nudge',
      group: 'edit' as const,
      listed: false,
      shortcuts: [times === 1 ? key : `Shift+${key}`],
      disabledReason,
      perform: () => nudge(services, x * NUDGE * times, y * NUDGE * times),
    })),
  );
}

function walks({ documents, view }: Services): Command[] {
  return ARROWS.map(([key, x, y]) => ({
    id: `edit.walk.${key}`,
    label: 'command.walk',
    group: 'edit' as const,
    listed: false,
    shortcuts: [`Alt+${key}`],
    perform: () => {
      const direction: Direction = { x, y };
      const next = walk(documents.get().document, view.get().selection.nodes[0] ?? null, direction);
      if (next === null) return;
      view.select({ nodes: [next] });
      view.canvas?.focusNode(next);
    },
  }));
}
