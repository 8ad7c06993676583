const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A fresh record id: 10 characters from crypto, the first a letter (decision 17). */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return [...bytes].map((byte, index) => LETTERS[byte % (index === 0 ? 26 : LETTERS.length)]).join('');
}
