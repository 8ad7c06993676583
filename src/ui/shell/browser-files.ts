/** Asks for a file; null when nothing was chosen. */
export function pickFile(accept: string): Promise<File | null> {
  return new Promise((resolve) => {
    const field = document.createElement('input');
    field.type = 'file';
    field.accept = accept;
    field.hidden = true;
    const finish = (file: File | null) => {
      field.remove();
      resolve(file);
    };
    field.addEventListener('change', () => finish(field.files?.[0] ?? null));
    field.addEventListener('cancel', () => finish(null));
    document.body.append(field);
    field.click();
  });
}

/** Wall ms for which the browser may still read a download. */
const KEEP_MS = 30_000;

/** Offers a file to the browser's downloads. */
export function downloadFile(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
