import type { DbOp, DbResult, GrpcMessage, GrpcRequest, Message, Payload } from '../../core/fabric/message.ts';
import type { Carrier, Inbox } from './carrier.ts';

/** How a call over gRPC ended: the status (RP1), its words, and what was said before it. */
interface GrpcEnd {
  status: number;
  message: string;
  messages: GrpcMessage[];
}

/** An inbox for callers that wait: each question gets its answer, or in words the reason why there is none. */
export class AskingInbox implements Inbox {
  /** What came without having been asked for. */
  readonly unasked: Payload[] = [];
  private readonly waiting = new Map<string, (answer: Payload | string) => void>();
  /** Messages of the streams that are asked for, by question. */
  private readonly streams = new Map<string, GrpcMessage[]>();
  private count = 0;

  arrive(_from: string, payload: Payload, more: { answers?: Message } = {}): void {
    const take = this.waiting.get(more.answers?.id ?? '');
    const stream = this.streams.get(more.answers?.id ?? '');
    if (!take) this.unasked.push(payload);
    else if (stream && payload.kind === 'grpc.message') stream.push(payload);
    else {
      this.waiting.delete(more.answers?.id ?? '');
      take(payload);
    }
  }
  refused(message: Message, reason: string): void {
    this.waiting.get(message.id)?.(reason);
    this.waiting.delete(message.id);
  }
  down(_instance: string, reason: string): void {
    for (const take of this.waiting.values()) take(reason);
    this.waiting.clear();
  }

  /** Sends and waits for the answer or the reason. */
  ask(carrier: Carrier, payload: Payload, to = 'peer#0'): Promise<Payload | string> {
    const id = `ask:${this.count++}`;
    return this.askAs(id, carrier, payload, to);
  }

  /** Sends a call over gRPC and waits for its end: every message in order and the status, or the reason why there is none. */
  async call(carrier: Carrier, request: GrpcRequest): Promise<GrpcEnd | string> {
    const id = `ask:${this.count++}`;
    const messages: GrpcMessage[] = [];
    this.streams.set(id, messages);
    const end = await this.askAs(id, carrier, { kind: 'grpc.request', ...request }, 'peer#0');
    this.streams.delete(id);
    if (typeof end === 'string') return end;
    if (end.kind !== 'grpc.reply') return `${end.kind} instead of a status`;
    const { status, message, bytes, json } = end;
    return { status, message, messages: bytes === null || json === null ? messages : [...messages, { bytes, json }] };
  }

  private askAs(id: string, carrier: Carrier, payload: Payload, to: string): Promise<Payload | string> {
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      carrier.send({
        id,
        from: 'ask#0',
        to,
        link: null,
        operation: payload.kind,
        trace: null,
        payload,
        departAt: 0,
        arriveAt: 0,
      });
    });
  }

  /** The result of a query; rejects when the store cannot be reached. */
  async query(carrier: Carrier, query: DbOp): Promise<DbResult> {
    const answer = await this.ask(carrier, { kind: 'db.query', query });
    if (typeof answer === 'string' || answer.kind !== 'db.result')
      throw new Error(typeof answer === 'string' ? answer : answer.kind);
    return answer.result;
  }
}
