import { strToU8, zipSync } from 'fflate';

/** A fixed time, the earliest that zip knows: the same files give the same bytes. */
const MTIME = new Date(1980, 0, 1);

/** The files of an export as a zip archive below one folder; the same files give the same bytes, whatever the clock says. */
export function zipFiles(folder: string, files: ReadonlyMap<string, string>): Uint8Array {
  const entries = [...files].map(([path, text]): [string, Uint8Array] => [`${folder}/${path}`, strToU8(text)]);
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: MTIME });
}
