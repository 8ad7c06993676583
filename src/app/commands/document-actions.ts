import type { Services } from '../services.ts';

/** Bytes that an opened file may have (decision 25). */
const FILE_LIMIT = 5 * 1024 * 1024;
export const FILE_TYPES = '.json,.yaml,.yml,.zip,application/json';

/** A name that every file system takes. */
export const fileNameOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '') || 'servarium';

/** The text of a file; of an archive the compose file inside, as a download of ours has it. */
async function textOf(file: File): Promise<string> {
  if (!/\.zip$/i.test(file.name)) return file.text();
  const { composeInZip } = await import('../document/compose-in-zip.ts');
  return composeInZip(new Uint8Array(await file.arrayBuffer()));
}

/** Opens a chosen or dropped file; what is wrong with it is told, and the open document stays. */
export async function openFile(services: Pick<Services, 'view' | 'files'>, file: File): Promise<void> {
  const refuse = (key: string) => services.view.notify({ tone: 'error', words: { key, values: { file: file.name } } });
  if (file.size > FILE_LIMIT) {
    refuse('open.tooBig');
    return;
  }
  const text = await textOf(file).catch(() => null);
  if (text === null) refuse('open.unreadable');
  else await services.files.open({ kind: 'text', name: file.name, text });
}

/** The document as the text of a file. */
export const documentText = ({ documents }: Pick<Services, 'documents'>): string =>
  `${JSON.stringify(documents.get().document, null, 2)}\n`;

/** Saves the document as a file. */
export function saveFile(services: Pick<Services, 'documents' | 'files' | 'view'>): void {
  const name = `${fileNameOf(services.documents.get().document.name)}.servarium.json`;
  services.files.download(name, documentText(services), 'application/json');
  services.view.notify({ tone: 'ok', words: { key: 'save.done', values: { file: name } } });
}
