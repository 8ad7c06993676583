import type { LogEvent } from '../../core/fabric/event.ts';
import { EPOCH_MS } from './clock.ts';

/** One JSON line for an event that a person wants to read; null for the many that they do not. Times are ISO 8601, trace ids those of the event. */
export function logLine(event: LogEvent, service: string): string | null {
  const entry = entryOf(event);
  if (!entry) return null;
  const time = new Date(EPOCH_MS + event.t / 1000).toISOString();
  return JSON.stringify({
    time,
    level: entry.level,
    service,
    instance: event.source,
    message: entry.message,
    ...entry.more,
  });
}

interface Entry {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  more: Record<string, string | boolean>;
}

function entryOf(event: LogEvent): Entry | null {
  const traced = (traceId: string | null, spanId: string | null): Record<string, string> => ({
    ...(traceId === null ? {} : { trace_id: traceId }),
    ...(spanId === null ? {} : { span_id: spanId }),
  });
  switch (event.type) {
    case 'log':
      return {
        level: event.severity.toLowerCase() as Entry['level'],
        message: event.text,
        more: traced(event.traceId, event.spanId),
      };
    case 'step.failed':
      return {
        level: 'warn',
        message: `${event.step}: ${event.message}`,
        more: { code: event.code, byFault: event.byFault, ...traced(event.traceId, event.spanId) },
      };
    case 'limit.hit':
      return { level: 'error', message: event.message, more: { limit: event.limit } };
    case 'message.refused':
      return { level: 'warn', message: `${event.to}: ${event.reason}`, more: {} };
    case 'instance.starting':
      return { level: 'info', message: `starting at ${event.address}`, more: {} };
    case 'instance.ready':
      return { level: 'info', message: 'ready', more: {} };
    case 'instance.draining':
      return { level: 'info', message: 'draining', more: {} };
    case 'instance.stopped':
      return { level: 'info', message: `stopped: ${event.reason}`, more: {} };
    default:
      return null;
  }
}
