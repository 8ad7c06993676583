import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** sha256 of UTF-8 text as 64 hex digits; works on plain http too, where the browser's own is absent. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/** Bytes gathered before they are hashed: lines of a log are short, and each call of the hash has a price of its own. */
const CHUNK_BYTES = 1 << 16;

/** Incremental sha256 over pieces of UTF-8 text. `digest` (64 hex digits) may be asked at any time and goes on afterwards. */
export interface TextHash {
  update(text: string): void;
  digest(): string;
}

/** The hash that runs everywhere. A platform with its own may be several times faster. */
export function createTextHash(): TextHash {
  const hash = sha256.create();
  const chunk = new Uint8Array(CHUNK_BYTES);
  let used = 0;
  const flush = (): void => {
    if (used > 0) hash.update(chunk.subarray(0, used));
    used = 0;
  };
  return {
    update(text) {
      const end = used + text.length;
      let at = used;
      if (end <= CHUNK_BYTES) {
        let i = 0;
        for (let unit = text.charCodeAt(0); unit < 0x80; unit = text.charCodeAt(++i)) chunk[at++] = unit;
      }
      if (at === end) {
        used = end;
        return;
      }
      // Not plain ASCII, or too long for what is left of the chunk.
      flush();
      hash.update(utf8ToBytes(text));
    },
    digest() {
      flush();
      return bytesToHex(hash.clone().digest());
    },
  };
}
