import { createTextHash, utf8Length } from '../../../core/base/sha256.ts';
import type { LogEvent } from '../../../core/fabric/event.ts';
import { createBodyVault } from './body-vault.ts';

/** Where sealed pieces of the log go when memory is full; long bodies are pieces with negative numbers. Methods reject with what the storage says. */
export interface SegmentStore {
  put(index: number, text: string): Promise<void>;
  get(index: number): Promise<string | undefined>;
  drop(index: number): Promise<void>;
}

/** Limits of decision 18; tests make them small. */
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

export interface RunLog {
  /** Appends final events, in their order. */
  append(events: readonly LogEvent[]): void;
  readonly events: number;
  /** Events whose text was given up for space; the hash still covers them. */
  readonly dropped: number;
  /** Why the last spill failed; the text then stays in memory. */
  readonly problem: string | null;
  sha256(): string;
  /** NDJSON from the header on: spilled pieces read back, byte for byte what was hashed. */
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

/** The event log of one run: hashed as it grows, recent text in memory, older text in the store. */
export function createRunLog(
  header: string,
  encode: (event: LogEvent) => string,
  store: SegmentStore | null,
  limits: LogLimits = LOG_LIMITS,
): RunLog {
  const hash = createTextHash();
  hash.update(`${header}\n`);
  const sealed: Segment[] = [];
  const vault = createBodyVault();
  let open: Segment = { index: 0, events: 0, bytes: 0, text: '', uses: [] };
  let events = 0;
  let dropped = 0;
  let problem: string | null = null;
  let spilling: Promise<void> = Promise.resolve();
  let isSpilling = false;

  const resident = (): Segment[] => sealed.filter((segment) => segment.text !== null);
  const sum = (segments: Segment[], of: 'events' | 'bytes'): number => segments.reduce((n, s) => n + s[of], 0);
  const isOver = (): boolean => {
    const inMemory = resident();
    const bytes = sum(inMemory, 'bytes') + vault.residentBytes;
    return sum(inMemory, 'events') > limits.residentEvents || bytes > limits.residentBytes;
  };
  const total = (): number => sum(sealed, 'bytes') + vault.totalBytes;
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
    while (total() > limits.totalBytes && sealed.length > 1) {
      const oldest = sealed.shift() as Segment;
      dropped += oldest.events;
      if (oldest.text === null) await target.drop(oldest.index);
      for (const { body, isSpilled } of vault.release(oldest.uses)) if (isSpilled) await target.drop(pieceOf(body));
    }
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
      return problem;
    },
    append(added) {
      if (added.length === 0) return;
      // What is hashed is every line whole; what is kept refers to long bodies.
      let hashed = '';
      let text = '';
      let count = 0;
      const close = (): void => {
        hash.update(hashed);
        open.text += text;
        open.bytes += utf8Length(text);
        open.events += count;
        hashed = '';
        text = '';
        count = 0;
      };
      for (const event of added) {
        const line = encode(event);
        const packed = vault.pack(event, line);
        hashed += `${line}\n`;
        text += `${packed.text}\n`;
        for (const body of packed.uses) open.uses.push(body);
        count += 1;
        if (open.events + count >= limits.segmentEvents || open.bytes + text.length >= limits.segmentBytes) {
          close();
          seal();
        }
      }
      close();
      events += added.length;
    },
    sha256: () => hash.digest(),
    async text() {
      await spilling;
      const parts = [`${header}\n`];
      const read = async (body: number): Promise<string | undefined> => store?.get(pieceOf(body));
      for (const segment of [...sealed, open]) {
        const text = segment.text ?? (await store?.get(segment.index)) ?? '';
        parts.push(await vault.unpack(text, read));
      }
      return parts.join('');
    },
  };
}
