import type { LogEvent } from '../fabric/event.ts';
import type { Payload } from '../fabric/message.ts';

/** Bodies longer than this, in UTF-16 code units, are kept once in memory however many messages carry them (decision 18). */
const LONG = 16 * 1024;

/** One copy of each long body among the events in memory. */
export interface SharedBodies {
  /** Lets the event's long bodies be those that are known already; adds the texts that it uses to `used` and gives the UTF-16 code units that it did not need. */
  share(event: LogEvent, used: string[]): number;
  /** The events that used these are gone. */
  release(texts: readonly string[]): void;
}

type Texts = Record<string, unknown>;
/** The records of a payload whose own strings may be long. */
const holders = (payload: Payload): Texts[] =>
  'message' in payload && typeof payload.message === 'object'
    ? [payload.message as unknown as Texts]
    : [payload as unknown as Texts];

/** An empty pool. Messages that cross from the worker bring a copy of their body each; this makes them one again. */
export function createSharedBodies(): SharedBodies {
  const known = new Map<string, { text: string; uses: number }>();
  return {
    share(event, used) {
      if (event.type !== 'message.sent' || event.size <= LONG) return 0;
      let saved = 0;
      for (const holder of holders(event.payload)) {
        for (const key of Object.keys(holder)) {
          const text = holder[key];
          if (typeof text !== 'string' || text.length <= LONG) continue;
          const entry = known.get(text) ?? { text, uses: 0 };
          if (entry.uses === 0) known.set(text, entry);
          else saved += text.length;
          entry.uses += 1;
          // The same characters: nothing that reads the event can tell.
          holder[key] = entry.text;
          used.push(entry.text);
        }
      }
      return saved;
    },
    release(texts) {
      for (const text of texts) {
        const entry = known.get(text);
        if (entry === undefined) continue;
        entry.uses -= 1;
        if (entry.uses === 0) known.delete(text);
      }
    },
  };
}
