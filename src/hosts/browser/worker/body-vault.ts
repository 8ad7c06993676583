import { quote } from '../../../core/base/canonical.ts';
import { sha256Hex } from '../../../core/base/sha256.ts';
import { utf8Length } from '../../../core/base/utf8-length.ts';
import type { LogEvent } from '../../../core/fabric/event.ts';

/** Texts longer than this are kept once, however many events carry them (decision 18). Bytes. */
export const BODY_BYTES = 16 * 1024;
/** UTF-16 code units up to which a line cannot hold such a text. */
export const UNPACKED_LENGTH = BODY_BYTES / 3;

/** Long texts of a log by number, each kept once. A line refers to one by its number between two NUL characters, which JSON text never holds. */
export interface BodyVault {
  /** The line with its long strings replaced by references, and the numbers that it uses now (one per place). */
  pack(event: LogEvent, line: string): { text: string; uses: number[] };
  /** The lines as they were; `read` gives the text of a spilled body. Rejects when one is gone. */
  unpack(text: string, read: (body: number) => Promise<string | undefined>): Promise<string>;
  /** One use less of each; gives the bodies that nobody uses any more, and whether they were spilled. */
  release(uses: readonly number[]): { body: number; isSpilled: boolean }[];
  /** The oldest body that is in memory, or null. */
  oldest(): { body: number; text: string } | null;
  /** The text of this body lives elsewhere from now on. */
  spilled(body: number): void;
  readonly residentBytes: number;
  readonly totalBytes: number;
}

interface Body {
  hash: string;
  bytes: number;
  uses: number;
  /** JSON text of the string, quotes included; null when it lives in the store only. */
  text: string | null;
}

const NUL = '\u0000';
const REFERENCE = new RegExp(`${NUL}(\\d+)${NUL}`, 'g');

/** All strings of a value that are too long to be kept twice. */
function longStrings(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') {
    if (value.length > BODY_BYTES || (value.length * 3 > BODY_BYTES && utf8Length(value) > BODY_BYTES))
      found.add(value);
  } else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) longStrings(item, found);
  return found;
}

/** A vault that begins empty. */
export function createBodyVault(): BodyVault {
  const bodies = new Map<number, Body>();
  const byHash = new Map<string, number>();
  let next = 0;
  let residentBytes = 0;
  let totalBytes = 0;

  const numberOf = (text: string): number => {
    const hash = sha256Hex(text);
    const known = byHash.get(hash);
    if (known !== undefined) return known;
    const body = next++;
    const bytes = utf8Length(text);
    bodies.set(body, { hash, bytes, uses: 0, text });
    byHash.set(hash, body);
    residentBytes += bytes;
    totalBytes += bytes;
    return body;
  };

  return {
    get residentBytes() {
      return residentBytes;
    },
    get totalBytes() {
      return totalBytes;
    },
    pack(event, line) {
      if (line.length <= UNPACKED_LENGTH) return { text: line, uses: [] };
      const uses: number[] = [];
      let text = line;
      for (const long of longStrings(event)) {
        const quoted = quote(long);
        const body = numberOf(quoted);
        const parts = text.split(quoted);
        for (let place = 1; place < parts.length; place++) uses.push(body);
        text = parts.join(`${NUL}${body}${NUL}`);
      }
      for (const body of uses) (bodies.get(body) as Body).uses += 1;
      return { text, uses };
    },
    async unpack(text, read) {
      if (!text.includes(NUL)) return text;
      const texts = new Map<number, string>();
      for (const [, digits] of text.matchAll(REFERENCE)) {
        const body = Number(digits);
        if (texts.has(body)) continue;
        const found = bodies.get(body)?.text ?? (await read(body));
        // Nothing is made up in its place: the bytes would not be those that were hashed.
        if (found === undefined) throw new Error(`Failed to read the log: a long body is not in the store (${body})`);
        texts.set(body, found);
      }
      return text.replace(REFERENCE, (_, digits: string) => texts.get(Number(digits)) ?? '');
    },
    release(uses) {
      const gone: { body: number; isSpilled: boolean }[] = [];
      for (const body of uses) {
        const entry = bodies.get(body);
        if (entry === undefined) continue;
        entry.uses -= 1;
        if (entry.uses > 0) continue;
        bodies.delete(body);
        byHash.delete(entry.hash);
        totalBytes -= entry.bytes;
        if (entry.text !== null) residentBytes -= entry.bytes;
        gone.push({ body, isSpilled: entry.text === null });
      }
      return gone;
    },
    oldest() {
      for (const [body, { text }] of bodies) if (text !== null) return { body, text };
      return null;
    },
    spilled(body) {
      const entry = bodies.get(body);
      if (entry === undefined || entry.text === null) return;
      entry.text = null;
      residentBytes -= entry.bytes;
    },
  };
}
