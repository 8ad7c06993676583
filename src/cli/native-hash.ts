import { createHash } from 'node:crypto';
import type { TextHash } from '../core/base/sha256.ts';

/** Text gathered before it is handed to the hash: each call from JavaScript has a price of its own. UTF-16 code units. */
const CHUNK = 1 << 16;

/** Node's own sha256 over lines of text: the same digits as the one in core, which runs where there is no other. */
export function createNativeHash(): TextHash {
  const hash = createHash('sha256');
  let waiting = '';
  const flush = (): void => {
    hash.update(waiting, 'utf8');
    waiting = '';
  };
  return {
    update(text) {
      waiting += text;
      if (waiting.length > CHUNK) flush();
    },
    digest() {
      flush();
      return hash.copy().digest('hex');
    },
  };
}
