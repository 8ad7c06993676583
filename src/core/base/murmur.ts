const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const rotate = (x: number, r: number): number => (x << r) | (x >>> (32 - r));

function finalMix(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Bytes of the text being hashed; grown when a longer one comes, never given out. */
let scratch = new Uint8Array(1024);

/** Writes the UTF-8 form into `scratch` and returns its length. */
function utf8(text: string): number {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 > scratch.length) scratch = new Uint8Array(text.length * 6);
  const bytes = scratch;
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      bytes[n++] = code;
      continue;
    }
    code = text.codePointAt(i) ?? 0;
    if (code > 0xffff) {
      i++;
      bytes[n++] = 0xf0 | (code >> 18);
      bytes[n++] = 0x80 | ((code >> 12) & 63);
    } else if (code >= 0x800) bytes[n++] = 0xe0 | (code >> 12);
    bytes[n++] = code >= 0x800 ? 0x80 | ((code >> 6) & 63) : 0xc0 | (code >> 6);
    bytes[n++] = 0x80 | (code & 63);
  }
  return n;
}

/** MurmurHash3 x86 128 of UTF-8 text (Appleby's public-domain algorithm): four unsigned 32-bit words. */
export function murmur128(text: string, seed: number): [number, number, number, number] {
  const length = utf8(text);
  const b = scratch;
  // The tail block is read with zero padding.
  const padded = (length + 15) & ~15;
  for (let i = length; i < padded; i++) b[i] = 0;
  const word = (i: number): number =>
    (b[i] as number) | ((b[i + 1] as number) << 8) | ((b[i + 2] as number) << 16) | ((b[i + 3] as number) << 24);
  let h1 = seed | 0;
  let h2 = seed | 0;
  let h3 = seed | 0;
  let h4 = seed | 0;
  const blocks = length >> 4;
  for (let n = 0; n < blocks; n++) {
    const i = n << 4;
    h1 ^= Math.imul(rotate(Math.imul(word(i), C1), 15), C2);
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(word(i + 4), C2), 16), C3);
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotate(Math.imul(word(i + 8), C3), 17), C4);
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotate(Math.imul(word(i + 12), C4), 18), C1);
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  // A word without any byte leaves its lane untouched.
  const tail = blocks << 4;
  const left = length & 15;
  if (left > 12) h4 ^= Math.imul(rotate(Math.imul(word(tail + 12), C4), 18), C1);
  if (left > 8) h3 ^= Math.imul(rotate(Math.imul(word(tail + 8), C3), 17), C4);
  if (left > 4) h2 ^= Math.imul(rotate(Math.imul(word(tail + 4), C2), 16), C3);
  if (left > 0) h1 ^= Math.imul(rotate(Math.imul(word(tail), C1), 15), C2);
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = finalMix(h1);
  h2 = finalMix(h2);
  h3 = finalMix(h3);
  h4 = finalMix(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  return [h1 >>> 0, h2 >>> 0, h3 >>> 0, h4 >>> 0];
}
