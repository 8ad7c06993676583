import type { LogEvent } from '../../core/fabric/event.ts';

/** Events of an NDJSON log (decision 3); line 0 is the header. */
export function parseLog(text: string): LogEvent[] {
  const events: LogEvent[] = [];
  let start = text.indexOf('\n') + 1;
  while (start > 0 && start < text.length) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? undefined : end);
    if (line.length > 0) events.push(JSON.parse(line) as LogEvent);
    if (end < 0) break;
    start = end + 1;
  }
  return events;
}
