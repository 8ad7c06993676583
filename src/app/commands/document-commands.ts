import type { Services } from '../services.ts';
import type { Command } from './command.ts';
import { FILE_TYPES, openFile, saveFile } from './document-actions.ts';

/** Templates that the site carries, as `examples/<name>.json`. */
export const TEMPLATES = [
  { name: 'order-saga', label: 'template.orderSaga', explain: 'template.orderSaga.explain' },
  { name: 'storefront-calls', label: 'template.storefront', explain: 'template.storefront.explain' },
] as const;

/** Commands that bring documents in and out. */
export function documentCommands(services: Services): Command[] {
  const { documents, view, files } = services;
  const pickAndOpen = async () => {
    const file = await files.pick(FILE_TYPES);
    if (file) await openFile(services, file);
  };
  return [
    {
      id: 'document.new',
      label: 'command.new',
      icon: 'new',
      group: 'document',
      perform: () => files.open({ kind: 'new' }),
    },
    {
      id: 'document.open',
      label: 'command.open',
      icon: 'open',
      group: 'document',
      shortcuts: ['$mod+KeyO'],
      inFields: true,
      perform: pickAndOpen,
    },
    ...TEMPLATES.map(({ name, label }): Command => ({
      id: `document.template.${name}`,
      label,
      icon: 'templates',
      group: 'document',
      perform: () => files.open({ kind: 'template', name }),
    })),
    {
      id: 'document.list',
      label: 'command.documents',
      icon: 'document',
      group: 'document',
      perform: () => view.openDialog({ kind: 'documents' }),
    },
    {
      id: 'document.versions',
      label: 'command.versions',
      icon: 'undo',
      group: 'document',
      perform: () => view.openDialog({ kind: 'versions' }),
    },
    {
      id: 'document.runButtons',
      label: 'command.runButtons',
      icon: 'play',
      group: 'document',
      perform: () => view.openDialog({ kind: 'demo' }),
    },
    {
      id: 'document.copy',
      label: 'command.openCopy',
      icon: 'duplicate',
      group: 'document',
      perform: () => files.open({ kind: 'copy', name: `${documents.get().document.name} (2)` }),
    },
    {
      id: 'document.takeOver',
      label: 'command.takeOver',
      icon: 'rename',
      group: 'document',
      when: () => documents.get().saved === 'readonly',
      perform: () => files.takeOver(),
    },
    {
      id: 'document.save',
      label: 'command.save',
      icon: 'save',
      group: 'document',
      shortcuts: ['$mod+KeyS'],
      inFields: true,
      perform: () => saveFile(services),
    },
    {
      id: 'document.import',
      label: 'command.import',
      icon: 'import',
      group: 'document',
      perform: pickAndOpen,
    },
    {
      id: 'document.export',
      label: 'command.export',
      icon: 'export',
      group: 'document',
      shortcuts: ['$mod+KeyE'],
      inFields: true,
      disabledReason: () => (Object.keys(documents.get().document.nodes).length === 0 ? 'export.empty' : null),
      perform: () => view.openDialog({ kind: 'export' }),
    },
  ];
}
