import type { Texts } from '../text/texts.ts';

/** Virtual time as people read a stopwatch: `00:12.480`, with hours only when there are some; boot is before zero. */
export function formatTime(us: number): string {
  const ms = Math.floor(Math.abs(us) / 1000);
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const hours = Math.floor(ms / 3_600_000);
  const text = `${pad(Math.floor(ms / 60_000) % 60)}:${pad(Math.floor(ms / 1000) % 60)}.${pad(ms % 1000, 3)}`;
  return `${us < 0 ? '−' : ''}${hours > 0 ? `${hours}:` : ''}${text}`;
}

/** A duration in the unit that keeps it short; three significant digits at most. */
export function formatDuration(us: number, { t, number }: Texts): string {
  if (us < 1000) return t('unit.us', { value: number(Math.round(us)) });
  const ms = us / 1000;
  if (ms < 10) return t('unit.ms', { value: number(ms, 1) });
  if (ms < 1000) return t('unit.ms', { value: number(Math.round(ms)) });
  const seconds = ms / 1000;
  return t('unit.s', { value: number(seconds, seconds < 10 ? 2 : 1) });
}

/** Bytes in decimal units, as on the wire. */
export function formatBytes(bytes: number, { t, number }: Texts): string {
  if (bytes < 1000) return t('unit.b', { value: number(bytes) });
  if (bytes < 1_000_000) return t('unit.kb', { value: number(bytes / 1000, 1) });
  return t('unit.mb', { value: number(bytes / 1_000_000, 1) });
}

/** The first eight hex digits of a trace id: enough to tell traces of one screen apart. */
export const shortTrace = (traceId: string): string => traceId.slice(0, 8);

/** An address as people read it: a client listens on no port, so it has none. */
export const formatAddress = (address: string): string => address.replace(/:0$/, '');

/** A body as indented JSON, or as it is when it is none. */
export function prettyBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
