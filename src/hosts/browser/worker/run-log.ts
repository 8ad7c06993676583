import { createTextHash } from '../../../core/base/sha256.ts';
import type { LogEvent } from '../../../core/fabric/event.ts';
import { reasonOf } from '../rpc.ts';
import { createBodyVault, UNPACKED_LENGTH } from './body-vault.ts';

/** Where sealed pieces of the log go when memory is full; long bodies are pieces with negative numbers. Methods reject with what the storage says. */
export interface SegmentStore {
  put(index: number, text: string): Promise<void>;
  get(index: number): Promise<string | undefined>;
  drop(index: number): Promise<void>;
}

/** Limits of decision 18; tests make them small. A UTF-16 code unit counts as a byte: to count exactly, every character would have to be read again. */
export interface LogLimits {
  /** A piece is sealed at this many events or bytes. */
  segmentEvents: number;
  segmentBytes: number;
  /** Above this the oldest sealed pieces move to the store. */
  residentEvents: number;
  residentBytes: number;
  /** Above this the oldest pieces are dropped and counted. */
  totalBytes: number;
}
export const LOG_LIMITS: LogLimits = {
  segmentEvents: 2_000,
  segmentBytes: 1_000_000,
  residentEvents: 200_000,
  residentBytes: 64_000_000,
  totalBytes: 512_000_000,
};

/** A final event with its line (no newline). */
export interface LogLine {
  event: LogEvent;
  text: string;
}

export interface RunLog {
  /** Appends final events, in their order, and gives their lines in one text, a newline behind each: written once, for the log and for the page. */
  append(lines: readonly LogLine[]): string;
  readonly events: number;
  /** Events whose text was given up for space; the hash still covers them. */
  readonly dropped: number;
  /** Why the last spill failed (the text then stays in memory), or why the log cannot be hashed any more. */
  readonly problem: string | null;
  /** Hash of everything appended until now. Rejects when a piece that it needs is lost. */
  sha256(): Promise<string>;
  /** NDJSON from the header on: spilled pieces read back, byte for byte what is hashed. Rejects when one is lost. */
  text(): Promise<string>;
}

interface Segment {
  index: number;
  events: number;
  bytes: number;
  /** null when it lives in the store only. */
  text: string | null;
  /** Long bodies that its lines refer to. */
  uses: number[];
}

/** Number under which the store keeps a body. */
const pieceOf = (body: number): number => -1 - body;

/** Up to where the log has been hashed: a piece, and how much of its kept text. */
interface Mark {
  index: number;
  chars: number;
}

/** The event log of one run: recent text in memory, older text in the store; hashed when somebody asks, because a run that nobody compares should not pay for it. */
export function createRunLog(header: string, store: SegmentStore | null, limits: LogLimits = LOG_LIMITS): RunLog {
  const hash = createTextHash();
  hash.update(`${header}\n`);
  let hashed: Mark = { index: 0, chars: 0 };
  const sealed: Segment[] = [];
  const vault = createBodyVault();
  let open: Segment = { index: 0, events: 0, bytes: 0, text: '', uses: [] };
  let events = 0;
  let dropped = 0;
  let problem: string | null = null;
  /** A piece was dropped before it could be hashed. */
  let unhashed: string | null = null;
  let spilling: Promise<void> = Promise.resolve();
  let isSpilling = false;
  let reading: Promise<unknown> = Promise.resolve();

  const resident = (): Segment[] => sealed.filter((segment) => segment.text !== null);
  const sum = (segments: Segment[], of: 'events' | 'bytes'): number => segments.reduce((n, s) => n + s[of], 0);
  const isOver = (): boolean => {
    const inMemory = resident();
    const bytes = sum(inMemory, 'bytes') + vault.residentBytes;
    return sum(inMemory, 'events') > limits.residentEvents || bytes > limits.residentBytes;
  };
  const total = (): number => sum(sealed, 'bytes') + vault.totalBytes;

  const readBody = async (body: number): Promise<string | undefined> => store?.get(pieceOf(body));
  /** Lines of a piece as they were. Nothing is made up for a piece that the store does not give back. */
  const lines = async (segment: Segment, from = 0, to = Infinity): Promise<string> => {
    const kept = segment.text ?? (await readPiece(store, segment.index));
    return vault.unpack(kept.slice(from, to), readBody);
  };
  /** Goes on hashing until `to`; whoever asks later goes on from there. */
  const hashUntil = async (to: Mark): Promise<void> => {
    for (const segment of [...sealed, open]) {
      if (segment.index < hashed.index || segment.index > to.index) continue;
      const end = segment.index === to.index ? to.chars : Infinity;
      hash.update(await lines(segment, hashed.chars, end));
      hashed = end === Infinity ? { index: segment.index + 1, chars: 0 } : to;
    }
  };
  /** Nothing is dropped while somebody reads. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = reading.then(work);
    reading = done.catch(() => undefined);
    return done;
  };

  /** The hash covers what is dropped. */
  const dropOldest = async (target: SegmentStore): Promise<void> => {
    const oldest = sealed[0] as Segment;
    await hashUntil({ index: oldest.index, chars: Infinity }).catch((error: unknown) => {
      unhashed ??= reasonOf(error);
    });
    sealed.shift();
    dropped += oldest.events;
    if (oldest.text === null) await target.drop(oldest.index);
    for (const { body, isSpilled } of vault.release(oldest.uses)) if (isSpilled) await target.drop(pieceOf(body));
  };
  const spill = async (target: SegmentStore): Promise<void> => {
    while (isOver()) {
      const oldest = resident()[0];
      const body = vault.oldest();
      if (oldest !== undefined) {
        await target.put(oldest.index, oldest.text as string);
        oldest.text = null;
      } else if (body !== null) {
        await target.put(pieceOf(body.body), body.text);
        vault.spilled(body.body);
      } else break;
    }
    while (total() > limits.totalBytes && sealed.length > 1) await inTurn(() => dropOldest(target));
    problem = null;
  };
  const seal = (): void => {
    sealed.push(open);
    open = { index: open.index + 1, events: 0, bytes: 0, text: '', uses: [] };
    if (store === null || isSpilling || !(isOver() || total() > limits.totalBytes)) return;
    isSpilling = true;
    spilling = spill(store)
      .catch((error: unknown) => void (problem = `Failed to spill the log: ${String(error)}`))
      .finally(() => void (isSpilling = false));
  };
  return {
    get events() {
      return events;
    },
    get dropped() {
      return dropped;
    },
    get problem() {
      return problem ?? unhashed;
    },
    append(added) {
      // One text of its own instead of a thousand: the collector moves each one that lives, and most of the fabric's time went there.
      const whole = wholeText(added);
      events += added.length;
      const isShort = added.every(({ text }) => text.length <= UNPACKED_LENGTH);
      if (
        isShort &&
        open.events + added.length < limits.segmentEvents &&
        open.bytes + whole.length < limits.segmentBytes
      ) {
        open.text += whole;
        open.bytes += whole.length;
        open.events += added.length;
        return whole;
      }
      // What is hashed is every line whole; what is kept refers to long bodies.
      let text = '';
      let count = 0;
      const close = (): void => {
        open.text += text;
        open.bytes += text.length;
        open.events += count;
        text = '';
        count = 0;
      };
      for (const line of added) {
        const packed = vault.pack(line.event, line.text);
        text += `${packed.text}\n`;
        for (const body of packed.uses) open.uses.push(body);
        count += 1;
        if (open.events + count >= limits.segmentEvents || open.bytes + text.length >= limits.segmentBytes) {
          close();
          seal();
        }
      }
      close();
      return whole;
    },
    sha256() {
      const now: Mark = { index: open.index, chars: (open.text as string).length };
      return inTurn(async () => {
        if (unhashed !== null) throw new Error(unhashed);
        await hashUntil(now);
        return hash.digest();
      });
    },
    async text() {
      await spilling;
      return inTurn(async () => {
        const parts = [`${header}\n`];
        for (const segment of [...sealed, open]) parts.push(await lines(segment));
        return parts.join('');
      });
    },
  };
}

/** Lines with a newline behind each, in one flat text. */
function wholeText(lines: readonly LogLine[]): string {
  const texts = lines.map(({ text }) => text);
  if (texts.length > 0) texts.push('');
  return texts.join('\n');
}

/** A spilled piece. Rejects with a reason in words when the store has lost it or cannot read it. */
async function readPiece(store: SegmentStore | null, index: number): Promise<string> {
  let text: string | undefined;
  try {
    text = await store?.get(index);
  } catch (error) {
    throw new Error(`Failed to read the log: piece ${index} cannot be read (${reasonOf(error)})`, { cause: error });
  }
  if (text === undefined) throw new Error(`Failed to read the log: piece ${index} is not in the store any more`);
  return text;
}
