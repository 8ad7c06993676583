import { createServer } from 'node:http';
import { encodeEvent } from '../../core/fabric/encode.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import { listen } from './listen.ts';

/** Something that wants to see every event of a container. */
export interface EventSink {
  take(event: LogEvent): void;
  close(): void;
}

/** Events kept for readers; the oldest are dropped. */
const MAX_EVENTS = 20_000;
/** Header with the number to ask for next. */
export const NEXT_HEADER = 'x-servarium-next';

/**
 * Offers the events of a container on a port of its own that no compose file publishes: `GET /events?after=N` gives NDJSON
 * from number N on, `after=last` nothing but the next number. Read, not pushed: nobody reads most of the time, and
 * `docker compose run` gives its container no name that others could push to.
 */
export function createEventFeed(port: number): EventSink & { port: Promise<number> } {
  let lines: string[] = [];
  /** Number of the first line kept. */
  let first = 0;
  const server = createServer((request, response) => {
    const after = new URL(request.url ?? '/', 'http://feed').searchParams.get('after');
    const next = first + lines.length;
    const from = after === 'last' ? next : Math.max(first, Number(after ?? 0));
    const text = lines.slice(from - first).join('\n');
    response.writeHead(200, { 'content-type': 'application/x-ndjson', [NEXT_HEADER]: String(next) });
    response.end(text === '' ? '' : `${text}\n`);
  });
  return {
    port: listen(server, port),
    take(event) {
      lines.push(encodeEvent(event));
      if (lines.length > MAX_EVENTS * 1.1) {
        first += lines.length - MAX_EVENTS;
        lines = lines.slice(-MAX_EVENTS);
      }
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
