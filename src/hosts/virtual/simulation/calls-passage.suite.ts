import type { EventOf, LogEvent } from '../../../core/fabric/event.ts';
import type { CallsRun } from './calls-run.suite.ts';

type Sent = EventOf<'message.sent'>;
const GATEWAY = 'gateway#0';

/** One rpc that came to the gateway: what was asked, what the last try below answered, and how much of it went on. */
interface Passage {
  id: string;
  path: string;
  bytes: string;
  /** Messages of the last try, and the status behind them. */
  below: string[];
  end: { status: number; bytes: string | null } | null;
  passed: number;
  isOver: boolean;
}

/** What the log says of the rpcs that pass the gateway. */
class Book {
  readonly problems: string[] = [];
  tries = 0;
  private readonly byRequest = new Map<string, Passage>();
  /** By CLIENT span of who asks, by SERVER span of the gateway, by CLIENT span of its tries. */
  private readonly bySpan = new Map<string, Passage>();
  private readonly byTry = new Map<string, Passage>();

  read(event: LogEvent): void {
    if (event.type === 'span.started' && event.source === GATEWAY) {
      const passage = this.bySpan.get(event.parentSpanId ?? '');
      if (passage !== undefined) this.bySpan.set(event.spanId, passage);
    } else if (event.type === 'message.sent') this.sent(event);
  }

  private sent(event: Sent): void {
    const { payload, from, to, source, seq, trace, inReplyTo } = event;
    const id = `${source}:${seq}`;
    if (payload.kind === 'grpc.request' && to === GATEWAY) {
      const { path, bytes } = payload;
      const passage: Passage = { id, path, bytes, below: [], end: null, passed: 0, isOver: false };
      this.byRequest.set(id, passage);
      this.bySpan.set(trace?.spanId ?? '', passage);
    } else if (payload.kind === 'grpc.request' && from === GATEWAY) this.tried(id, event, payload);
    else if (from === GATEWAY) this.passedOn(this.byRequest.get(inReplyTo ?? ''), event);
    else this.answered(this.byTry.get(inReplyTo ?? ''), event);
  }

  private tried(id: string, { trace }: Sent, { path, bytes }: { path: string; bytes: string }): void {
    // A check is nobody's request.
    if (trace === null) return;
    const passage = this.bySpan.get(trace.spanId);
    if (passage === undefined) return void this.problems.push(`${id} leaves the gateway, and nobody asked`);
    this.tries += 1;
    this.byTry.set(id, passage);
    if (path !== passage.path || bytes !== passage.bytes) this.problems.push(`${id} is not what ${passage.id} asked`);
    if (passage.passed > 0) this.problems.push(`${id} asks again behind the first message of ${passage.id}`);
    if (passage.isOver) this.problems.push(`${id} asks for ${passage.id}, which is over`);
    passage.below = [];
    passage.end = null;
  }

  private answered(passage: Passage | undefined, { payload }: Sent): void {
    if (payload.kind === 'grpc.message') passage?.below.push(payload.bytes);
    if (payload.kind === 'grpc.reply' && passage !== undefined) passage.end = payload;
  }

  private passedOn(passage: Passage | undefined, { payload }: Sent): void {
    if (passage === undefined) return;
    if (payload.kind === 'grpc.message') {
      if (passage.below[payload.index] !== payload.bytes)
        this.problems.push(`message ${payload.index} of ${passage.id} is not the one that came`);
      passage.passed += 1;
    }
    if (payload.kind !== 'grpc.reply') return;
    passage.isOver = true;
    if (payload.status !== 0) return;
    const { end, below, passed } = passage;
    if (end?.status !== 0 || end.bytes !== payload.bytes || below.length !== passed)
      this.problems.push(`${passage.id} ends well, which what was asked for it did not`);
  }
}

/** GW19, GW21: a gateway changes no byte of an rpc, ends none better than it was, and asks again only before the first message. */
export function brokenPassages({ events, features, steps }: CallsRun): string[] {
  if (!features.grpc || !features.through) return [];
  const book = new Book();
  for (const event of events) book.read(event);
  // A search that reaches nothing proves nothing.
  return book.tries > 0 || steps.length > 0 ? book.problems : ['no rpc passed the gateway'];
}
