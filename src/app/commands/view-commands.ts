import type { Services } from '../services.ts';
import { selectionSize, type ThemeChoice } from '../view/view-state.ts';
import { neighbourhood } from '../view/neighbourhood.ts';
import type { Command } from './command.ts';
import { nameOf } from './edit-actions.ts';

const THEMES: readonly ThemeChoice[] = ['system', 'light', 'dark'];
const ZOOM_STEP = 1.25;

/** Commands about what is seen; they change neither the document nor the run. */
export function viewCommands({ documents, view }: Services): Command[] {
  const isEmpty = () => (Object.keys(documents.get().document.nodes).length === 0 ? 'reason.empty' : null);
  const panels = () => view.get().panels;
  return [
    {
      id: 'view.commands',
      label: 'command.palette',
      icon: 'commands',
      group: 'view',
      listed: false,
      shortcuts: ['$mod+KeyK', '$mod+Shift+KeyP', '$mod+Slash'],
      inFields: true,
      perform: () => view.openDialog({ kind: 'commands' }),
    },
    {
      id: 'view.add',
      label: 'command.findPalette',
      icon: 'add',
      group: 'add',
      shortcuts: ['Slash'],
      perform: () => {
        const field = document.querySelector<HTMLElement>('[data-palette-search]');
        if (field) field.focus();
        else view.openDialog({ kind: 'add', at: placeToAdd(view), from: null });
      },
    },
    {
      id: 'view.addHere',
      label: 'command.findPalette',
      icon: 'add',
      group: 'add',
      listed: false,
      perform: () => view.openDialog({ kind: 'add', at: view.canvas?.pointer() ?? placeToAdd(view), from: null }),
    },
    {
      id: 'view.find',
      label: 'command.find',
      icon: 'search',
      group: 'view',
      shortcuts: ['$mod+KeyF'],
      disabledReason: isEmpty,
      perform: () => view.openDialog({ kind: 'find' }),
    },
    {
      id: 'view.toolSelect',
      label: 'command.toolSelect',
      icon: 'select',
      group: 'view',
      shortcuts: ['KeyV'],
      perform: () => view.setTool('select'),
    },
    {
      id: 'view.toolHand',
      label: 'command.toolHand',
      icon: 'hand',
      group: 'view',
      shortcuts: ['KeyH'],
      perform: () => view.setTool('hand'),
    },
    {
      id: 'view.zoomIn',
      label: 'command.zoomIn',
      icon: 'zoom-in',
      group: 'view',
      shortcuts: ['$mod+Equal', '$mod+NumpadAdd'],
      perform: () => view.canvas?.zoomBy(ZOOM_STEP),
    },
    {
      id: 'view.zoomOut',
      label: 'command.zoomOut',
      icon: 'zoom-out',
      group: 'view',
      shortcuts: ['$mod+Minus', '$mod+NumpadSubtract'],
      perform: () => view.canvas?.zoomBy(1 / ZOOM_STEP),
    },
    {
      id: 'view.zoomReset',
      label: 'command.zoomReset',
      group: 'view',
      shortcuts: ['$mod+Digit0'],
      perform: () => view.canvas?.zoomTo(1),
    },
    {
      id: 'view.fit',
      label: 'command.fit',
      icon: 'fit',
      group: 'view',
      shortcuts: ['Shift+Digit1'],
      disabledReason: isEmpty,
      perform: () => view.canvas?.fit(),
    },
    {
      id: 'view.fitSelection',
      label: 'command.fitSelection',
      icon: 'fit',
      group: 'view',
      shortcuts: ['Shift+Digit2'],
      disabledReason: () => (selectionSize(view.get().selection) === 0 ? 'reason.nothingSelected' : null),
      perform: () => {
        const { nodes, groups, links } = view.get().selection;
        const ends = links.flatMap((id) => {
          const link = documents.get().document.links[id];
          return link ? [link.from.node, link.to.node] : [];
        });
        view.canvas?.fitNodes([...nodes, ...ends, ...groups.map((id) => `group:${id}`)]);
      },
    },
    {
      id: 'view.focus',
      label: 'command.focus',
      icon: 'search',
      group: 'view',
      shortcuts: ['KeyF'],
      disabledReason: () => (view.get().selection.nodes.length === 1 ? null : 'reason.selectNode'),
      perform: () => focusFurther({ documents, view }),
    },
    {
      id: 'view.minimap',
      label: 'command.toggleMinimap',
      icon: 'minimap',
      group: 'view',
      perform: () => view.setPanels({ minimap: !panels().minimap }),
    },
    {
      id: 'view.palette',
      label: 'command.togglePalette',
      icon: 'palette',
      group: 'view',
      shortcuts: ['$mod+KeyB'],
      perform: () => view.setPanels({ palette: { ...panels().palette, open: !panels().palette.open } }),
    },
    {
      id: 'view.drawer',
      label: 'command.toggleDrawer',
      icon: 'drawer',
      group: 'view',
      shortcuts: ['$mod+KeyJ'],
      perform: () => view.setPanels({ drawer: { ...panels().drawer, open: !panels().drawer.open } }),
    },
    {
      id: 'view.theme',
      label: 'command.theme',
      icon: 'theme',
      group: 'view',
      shortcuts: ['Shift+Alt+KeyD'],
      perform: () => view.setTheme(THEMES[(THEMES.indexOf(view.get().theme) + 1) % THEMES.length] ?? 'system'),
    },
    {
      id: 'view.language',
      label: 'command.language',
      icon: 'language',
      group: 'view',
      perform: () => view.setLanguage(view.get().language === 'en' ? 'uk' : 'en'),
    },
    {
      id: 'view.help',
      label: 'command.help',
      icon: 'help',
      group: 'view',
      shortcuts: ['Shift+Slash', 'F1'],
      perform: () => view.openDialog({ kind: 'help' }),
    },
    {
      id: 'view.contextMenu',
      label: 'command.contextMenu',
      group: 'view',
      listed: false,
      shortcuts: ['Shift+F10', 'ContextMenu'],
      perform: () => view.canvas?.openContextMenu(),
    },
  ];
}

/** The selected component with its neighbours, one link further at each press; everything again when nothing is left to add. */
function focusFurther({ documents, view }: Pick<Services, 'documents' | 'view'>): void {
  const [node] = view.get().selection.nodes;
  if (node === undefined) return;
  const { document } = documents.get();
  const { focus } = view.get();
  const hops = focus?.node === node ? focus.hops + 1 : 1;
  const near = neighbourhood(document, node, hops);
  if (hops > 1 && near.size === neighbourhood(document, node, hops - 1).size) {
    view.setFocus(null);
    view.canvas?.fit();
    return;
  }
  view.setFocus({ node, hops });
  view.canvas?.fitNodes([...near]);
  view.notify({
    tone: 'plain',
    words: { key: 'canvas.focused', values: { name: nameOf(document.nodes[node]), count: hops } },
  });
}

const placeToAdd = (view: Services['view']) => view.canvas?.freePlace({ width: 184, height: 62 }) ?? { x: 0, y: 0 };
