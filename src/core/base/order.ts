/** Integer microseconds from run start; negative during boot (decisions 1, 30). */
export type VirtualTime = number;

/** Class of an event at one instant: inputs first, messages last (decision 1). */
export const EventClass = { input: 0, lifecycle: 1, timer: 2, message: 3 } as const;
export type EventClass = (typeof EventClass)[keyof typeof EventClass];

/** The only order anywhere: time, class, source by code unit, per-source counter. */
export interface EventKey {
  t: VirtualTime;
  class: EventClass;
  source: string;
  seq: number;
}

/** Total order of keys; never returns 0 for two different events of one run. */
export function compareKeys(a: EventKey, b: EventKey): number {
  if (a.t !== b.t) return a.t - b.t;
  if (a.class !== b.class) return a.class - b.class;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  return a.seq - b.seq;
}

/** `source:seq`, the id of an event; the id of a message is the id of its `message.sent` event. */
export const eventId = (key: { source: string; seq: number }): string => `${key.source}:${key.seq}`;
