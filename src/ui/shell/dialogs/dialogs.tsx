import { lazy, Suspense } from 'react';
import { useView } from '../../services.tsx';
import { lazyWorded } from '../../text/lazy-worded.ts';
import { loadDialogTexts, loadFormTexts } from '../../text/texts.ts';

const CommandPalette = lazy(() =>
  import('./command-palette.tsx').then((module) => ({ default: module.CommandPalette })),
);
const FindDialog = lazy(() => import('./find-dialog.tsx').then((module) => ({ default: module.FindDialog })));
const HelpDialog = lazyWorded(loadDialogTexts, async () => (await import('./help-dialog.tsx')).HelpDialog);
const ExportDialog = lazyWorded(loadDialogTexts, async () => (await import('./export-dialog.tsx')).ExportDialog);
const DocumentsDialog = lazyWorded(
  loadDialogTexts,
  async () => (await import('./documents-dialog.tsx')).DocumentsDialog,
);
const FaultDialog = lazyWorded(
  loadFormTexts,
  async () => (await import('../../inspector/fault-dialog.tsx')).FaultDialog,
);
const DemoDialog = lazyWorded(loadFormTexts, async () => (await import('../../inspector/demo-dialog.tsx')).DemoDialog);
const VersionsDialog = lazyWorded(loadDialogTexts, async () => (await import('./versions-dialog.tsx')).VersionsDialog);
const ConnectDialog = lazy(() => import('./connect-dialog.tsx').then((module) => ({ default: module.ConnectDialog })));
const AddDialog = lazy(() => import('./add-dialog.tsx').then((module) => ({ default: module.AddDialog })));

/** The open dialog, loaded when it is first wanted. */
export function Dialogs() {
  const dialog = useView((view) => view.dialog);
  if (!dialog) return null;
  return (
    <Suspense>
      {dialog.kind === 'commands' && <CommandPalette />}
      {dialog.kind === 'find' && <FindDialog />}
      {dialog.kind === 'help' && <HelpDialog />}
      {dialog.kind === 'export' && <ExportDialog />}
      {dialog.kind === 'documents' && <DocumentsDialog />}
      {dialog.kind === 'versions' && <VersionsDialog />}
      {dialog.kind === 'connect' && <ConnectDialog node={dialog.node} />}
      {dialog.kind === 'fault' && <FaultDialog on={dialog.on} target={dialog.target} fault={dialog.fault} />}
      {dialog.kind === 'demo' && <DemoDialog />}
      {dialog.kind === 'add' && <AddDialog at={dialog.at} from={dialog.from} />}
    </Suspense>
  );
}
