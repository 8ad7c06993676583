const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** base64url without padding (RFC 7515 2) of bytes written as hex digits. */
export function base64UrlOfHex(hex: string): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (let at = 0; at < hex.length; at += 2) {
    bits = ((bits << 8) | parseInt(hex.slice(at, at + 2), 16)) & 0xffff;
    for (held += 8; held >= 6; held -= 6) text += ALPHABET.charAt((bits >> (held - 6)) & 63);
  }
  return held === 0 ? text : text + ALPHABET.charAt((bits << (6 - held)) & 63);
}

/** The UTF-8 text behind base64url without padding; null when it is neither. */
export function textOfBase64Url(encoded: string): string | null {
  if (!/^[A-Za-z0-9_-]*$/.test(encoded) || encoded.length % 4 === 1) return null;
  let percent = '';
  let bits = 0;
  let held = 0;
  for (const letter of encoded) {
    bits = ((bits << 6) | ALPHABET.indexOf(letter)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    percent += `%${((bits >> held) & 255).toString(16).padStart(2, '0')}`;
  }
  // Left-over bits that are set would give one token two spellings.
  if ((bits & ((1 << held) - 1)) !== 0) return null;
  try {
    return decodeURIComponent(percent);
  } catch {
    return null;
  }
}
