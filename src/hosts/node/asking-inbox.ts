import type { DbOp, DbResult, Message, Payload } from '../../core/fabric/message.ts';
import type { Carrier, Inbox } from './carrier.ts';

/** An inbox for callers that wait: each question gets its answer, or in words the reason why there is none. */
export class AskingInbox implements Inbox {
  /** What came without having been asked for. */
  readonly unasked: Payload[] = [];
  private readonly waiting = new Map<string, (answer: Payload | string) => void>();
  private count = 0;

  arrive(_from: string, payload: Payload, more: { answers?: Message } = {}): void {
    const take = this.waiting.get(more.answers?.id ?? '');
    if (!take) this.unasked.push(payload);
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
