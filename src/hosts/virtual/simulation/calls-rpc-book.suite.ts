import type { EventOf, LogEvent } from '../../../core/fabric/event.ts';
import { nodeOf } from '../../../core/fabric/message.ts';
import { livesOf } from './calls-book.suite.ts';
import type { CallsRun } from './calls-run.suite.ts';

type Sent = EventOf<'message.sent'>;

/** What may be asked again: nobody was reached, or the other side broke. */
const RETRIABLE = new Set(['grpc_unavailable', 'grpc_internal', 'grpc_unknown', 'grpc_aborted']);
/** What may be under way when the run is left. µs */
const UNDER_WAY_US = 400_000;
/** Troubles that take messages or connections along: what becomes of a call then is told by its caller alone. */
const CUTTING = new Set([
  'loss',
  'partition',
  'partition-one-way',
  'outage',
  'registry-outage',
  'move',
  'pause',
  'slow',
]);

/** One call: what was asked, and what came back. */
interface Call {
  id: string;
  sent: Sent;
  timeoutUs: number | null;
  messages: number;
  replies: number;
  isCancelled: boolean;
  isRefused: boolean;
}

/** What the log says of the calls over gRPC. */
class Book {
  readonly problems: string[] = [];
  readonly calls = new Map<string, Call>();
  /** By CLIENT span: its call. By SERVER span: when its time is over. */
  private readonly byClient = new Map<string, Call>();
  private readonly deadlines = new Map<string, number>();
  private readonly parents = new Map<string, string | null>();
  private readonly lives: ReturnType<typeof livesOf>;

  constructor(events: readonly LogEvent[]) {
    this.lives = livesOf(events);
    for (const event of events) this.read(event);
  }

  private read(event: LogEvent): void {
    if (event.type === 'span.started') this.began(event);
    else if (event.type === 'message.sent') this.sent(event);
    else if (event.type === 'message.refused') {
      const call = this.calls.get(event.message);
      if (call) call.isRefused = true;
    } else if (event.type === 'retry.decided' && event.delayUs !== null && event.reason.startsWith('grpc_')) {
      if (!RETRIABLE.has(event.reason))
        this.problems.push(`${event.source} repeats ${event.call} after ${event.reason}`);
    }
  }

  private began({ kind, spanId, parentSpanId, t }: EventOf<'span.started'>): void {
    this.parents.set(spanId, parentSpanId);
    const call = kind === 'SERVER' ? this.byClient.get(parentSpanId ?? '') : undefined;
    // Its time runs from when it is there.
    if (call !== undefined && call.timeoutUs !== null) this.deadlines.set(spanId, t + call.timeoutUs);
  }

  private sent(event: Sent): void {
    const { payload, inReplyTo } = event;
    if (payload.kind === 'grpc.request') this.asked(event, payload.timeoutUs);
    else if (payload.kind === 'grpc.cancel') {
      const call = this.calls.get(payload.request);
      if (call) call.isCancelled = true;
    } else if (payload.kind === 'grpc.message' || payload.kind === 'grpc.reply') {
      const call = this.calls.get(inReplyTo ?? '');
      if (call === undefined) this.problems.push(`${event.from} answers ${inReplyTo} over gRPC, which nobody asked`);
      else this.answered(call, event);
    }
  }

  private asked(sent: Sent, timeoutUs: number | null): void {
    const id = `${sent.source}:${sent.seq}`;
    const call = { id, sent, timeoutUs, messages: 0, replies: 0, isCancelled: false, isRefused: false };
    this.calls.set(id, call);
    const span = sent.trace?.spanId ?? '';
    this.byClient.set(span, call);
    if (timeoutUs === null) this.problems.push(`${id} has no deadline`);
    const deadline = this.deadlineAbove(span);
    if (deadline === undefined || timeoutUs === null) return;
    // Who stood still finds an answer and the end of its time at once when it goes on.
    if (sent.t + timeoutUs > deadline && !this.stoodStill(sent.from, deadline, sent.t))
      this.problems.push(`${id} may take until ${sent.t + timeoutUs}, its caller's time is over at ${deadline}`);
  }

  /** The time of the handler that a CLIENT span belongs to. */
  private deadlineAbove(span: string): number | undefined {
    for (let at = this.parents.get(span) ?? null; at !== null; at = this.parents.get(at) ?? null) {
      const deadline = this.deadlines.get(at);
      if (deadline !== undefined) return deadline;
    }
    return undefined;
  }

  private answered(call: Call, { payload, from, t, trace }: Sent): void {
    if (from !== call.sent.to) this.problems.push(`${from} answers ${call.id} to ${call.sent.to}`);
    if (call.replies > 0) this.problems.push(`${call.id} is answered after its end`);
    const deadline = this.deadlines.get(trace?.spanId ?? '');
    if (deadline !== undefined && t > deadline && !this.stoodStill(from, deadline, t))
      this.problems.push(`${from} answers ${call.id} at ${t}, after its deadline at ${deadline}`);
    if (payload.kind === 'grpc.message') {
      if (payload.index !== call.messages) this.problems.push(`message ${payload.index} of ${call.id} is out of order`);
      call.messages += 1;
    } else if (payload.kind === 'grpc.reply') {
      if (payload.sent !== call.messages)
        this.problems.push(`${call.id} ends after ${payload.sent} messages, ${call.messages} were sent`);
      call.replies += 1;
    }
  }

  private stoodStill(instance: string, from: number, to: number): boolean {
    return this.lives.get(instance)?.pauses.some(([since, until]) => since <= to && until >= from) === true;
  }

  /** Calls that nobody ended, though both ends lived. */
  lost(end: number): string[] {
    const died = (instance: string, since: number): boolean =>
      this.lives.get(instance)?.ends.some((t) => t >= since) === true;
    return [...this.calls.values()].flatMap(({ id, sent, replies, isCancelled, isRefused }) => {
      if (replies > 0 || isCancelled || isRefused || sent.t > end - UNDER_WAY_US) return [];
      if (died(sent.to, sent.t) || died(sent.from, sent.t)) return [];
      return [`${id} to ${sent.to} at ${sent.t} is neither answered, refused nor given up`];
    });
  }
}

/** RP1, RP2: deadlines travel and are kept, each call has one end, streams keep their order, and only what may be is asked again. */
export function brokenRpcs({ events, features, steps }: CallsRun): string[] {
  if (!features.grpc) return [];
  const book = new Book(events);
  const isCut = steps.some(({ kind }) => CUTTING.has(kind));
  const reached = new Set([...book.calls.values()].map(({ sent }) => nodeOf(sent.to)));
  return [
    ...book.problems,
    ...(isCut ? [] : book.lost(events.at(-1)?.t ?? 0)),
    // A search that reaches nothing proves nothing; behind a gateway that is out nobody may be reached.
    ...(features.through ? ['gateway'] : ['orders', 'prices'])
      .filter((node) => !reached.has(node))
      .map((node) => `${node} was never called`),
  ];
}
