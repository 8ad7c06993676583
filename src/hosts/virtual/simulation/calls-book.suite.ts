import type { EventOf, LogEvent } from '../../../core/fabric/event.ts';
import { nodeOf } from '../../../core/fabric/message.ts';
import type { CallsRun } from './calls-run.suite.ts';
import { RPC_DEADLINE_MS } from './calls-rpc.suite.ts';
import { TIMES } from './calls-times.suite.ts';

interface Request {
  sent: EventOf<'message.sent'>;
  id: string;
  copies: number;
  replies: number;
  refused: boolean;
}

interface Life {
  /** When incarnations ended, and whether after a drain. */
  ends: number[];
  pauses: [number, number][];
}

/** Ends and standstills of every instance. */
export function livesOf(events: readonly LogEvent[]): Map<string, Life> {
  const lives = new Map<string, Life>();
  const of = (instance: string): Life => {
    const known = lives.get(instance) ?? { ends: [], pauses: [] };
    lives.set(instance, known);
    return known;
  };
  for (const event of events) {
    if (event.type === 'instance.paused') of(event.instance).pauses.push([event.t, Infinity]);
    const isEnd = event.type === 'instance.crashed' || event.type === 'instance.stopped';
    if (isEnd) of(event.instance).ends.push(event.t);
    if (!isEnd && event.type !== 'instance.resumed') continue;
    const last = of(event.instance).pauses.at(-1);
    if (last && last[1] === Infinity) last[1] = event.t;
  }
  return lives;
}

/** I10: each request has one fate. I11: no caller waits longer than its time-out. A drained instance has finished what it handled. */
export function brokenCalls({ events }: CallsRun): string[] {
  const lives = livesOf(events);
  return [...conservation(events, lives), ...deadlines(events, lives), ...drained(events)];
}

const UNDER_WAY_US = 100_000;
function conservation(events: readonly LogEvent[], lives: Map<string, Life>): string[] {
  const problems: string[] = [];
  const requests = new Map<string, Request>();
  for (const event of events) {
    if (event.type === 'message.sent' && event.payload.kind === 'http.request') {
      const id = `${event.source}:${event.seq}`;
      requests.set(id, { sent: event, id, copies: 0, replies: 0, refused: false });
    } else if (event.type === 'message.duplicated') {
      const request = requests.get(event.message);
      if (request) request.copies += 1;
    } else if (event.type === 'message.refused') {
      const request = requests.get(event.message);
      if (request) request.refused = true;
    } else if (event.type === 'message.sent' && event.payload.kind === 'http.reply') {
      const request = requests.get(event.inReplyTo ?? '');
      if (!request) problems.push(`${event.from} answers ${event.inReplyTo}, which nobody sent`);
      else {
        request.replies += 1;
        if (request.sent.to !== event.from) problems.push(`${event.from} answers ${request.id} to ${request.sent.to}`);
        if (event.t < request.sent.t) problems.push(`${request.id} is answered before it was sent`);
        if (request.sent.fate !== 'deliver') problems.push(`${request.id} was ${request.sent.fate} and is answered`);
      }
    }
  }
  const end = events.at(-1)?.t ?? 0;
  for (const { sent, id, copies, replies, refused } of requests.values()) {
    // A check may be under way when the run is left.
    if (sent.operation.startsWith('check ') && sent.t > end - UNDER_WAY_US) continue;
    if (replies > 1 + copies) problems.push(`${id} is answered ${replies} times`);
    if (sent.fate !== 'deliver' || replies > 0 || refused) continue;
    const died = lives.get(sent.to)?.ends.some((t) => t >= sent.t) === true;
    if (!died) problems.push(`${id} to ${sent.to} at ${sent.t} is neither answered nor refused, and ${sent.to} lives`);
  }
  return problems;
}

const DEADLINES: Record<string, number> = {
  web: TIMES.client,
  gateway: TIMES.gateway,
  orders: TIMES.call,
  app: RPC_DEADLINE_MS,
};
/** A gateway's own deadline may be taken from the whole exchange, which a slow lane lets begin later. µs */
const overlaps = (life: Life | undefined, from: number, to: number): boolean =>
  life?.pauses.some(([since, until]) => since <= to && until >= from) === true;

function deadlines(events: readonly LogEvent[], lives: Map<string, Life>): string[] {
  const problems: string[] = [];
  const open = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'span.started' && event.kind === 'CLIENT') open.set(event.spanId, event.t);
    if (event.type !== 'span.ended') continue;
    const start = open.get(event.spanId);
    if (start === undefined) continue;
    const limit = DEADLINES[nodeOf(event.source)];
    if (limit === undefined || event.t - start <= limit * 1000) continue;
    if (overlaps(lives.get(event.source), start, event.t)) continue;
    problems.push(`${event.source} waited ${event.t - start} µs for an answer, longer than ${limit} ms`);
  }
  return problems;
}

function drained(events: readonly LogEvent[]): string[] {
  const problems: string[] = [];
  const open = new Map<string, Set<string>>();
  for (const event of events) {
    if (event.type === 'span.started' && event.kind === 'SERVER') {
      const spans = open.get(event.source) ?? new Set();
      open.set(event.source, spans.add(event.spanId));
    } else if (event.type === 'span.ended') open.get(event.source)?.delete(event.spanId);
    else if (event.type === 'instance.crashed') open.delete(event.instance);
    else if (event.type === 'instance.stopped') {
      const left = open.get(event.instance)?.size ?? 0;
      if (event.reason === 'drained' && left > 0)
        problems.push(`${event.instance} stopped as drained with ${left} requests in flight`);
      open.delete(event.instance);
    }
  }
  return problems;
}
