import { lazy, Suspense } from 'react';
import { useView } from '../services.tsx';
import { loadDialogTexts } from '../text/texts.ts';

const CommandPalette = lazy(() =>
  import('./command-palette.tsx').then((module) => ({ default: module.CommandPalette })),
);
const FindDialog = lazy(() => import('./find-dialog.tsx').then((module) => ({ default: module.FindDialog })));
const HelpDialog = lazy(async () => {
  const [module] = await Promise.all([import('./help-dialog.tsx'), loadDialogTexts()]);
  return { default: module.HelpDialog };
});
const ExportDialog = lazy(async () => {
  const [module] = await Promise.all([import('./export-dialog.tsx'), loadDialogTexts()]);
  return { default: module.ExportDialog };
});
const DocumentsDialog = lazy(async () => {
  const [module] = await Promise.all([import('./documents-dialog.tsx'), loadDialogTexts()]);
  return { default: module.DocumentsDialog };
});
const VersionsDialog = lazy(async () => {
  const [module] = await Promise.all([import('./versions-dialog.tsx'), loadDialogTexts()]);
  return { default: module.VersionsDialog };
});
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
      {dialog.kind === 'add' && <AddDialog at={dialog.at} from={dialog.from} />}
    </Suspense>
  );
}
