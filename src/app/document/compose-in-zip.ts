import { strFromU8, unzipSync } from 'fflate';

/** Bytes that the compose file inside may have when it is unpacked: a bomb stops here (decision 25). */
const UNPACKED_LIMIT = 5 * 1024 * 1024;

/** The text of the shallowest `compose.yaml` of an archive; throws when there is none, or a too large one. */
export function composeInZip(bytes: Uint8Array): string {
  const files = unzipSync(bytes, {
    filter: ({ name, originalSize }) => /(^|\/)compose\.ya?ml$/.test(name) && originalSize <= UNPACKED_LIMIT,
  });
  const [first] = Object.keys(files).sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1));
  const found = first === undefined ? undefined : files[first];
  if (found === undefined) throw new Error('no compose.yaml in the archive');
  return strFromU8(found);
}
