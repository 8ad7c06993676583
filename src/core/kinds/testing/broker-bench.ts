import type { StoredRow, TableRow } from '../../storage/types.ts';
import {
  ack,
  consume,
  consumerDown,
  createBroker,
  describe,
  nack,
  publish,
  redeclare,
  type Broker,
  type Declared,
  type Output,
} from '../broker/machine.ts';

/** A broker under test with its durable rows rebuilt from the outputs alone; delivered messages in order. */
export class BrokerBench {
  broker: Broker;
  readonly rows = new Map<string, TableRow>();
  delivered: { to: string; id: string; tag: number; redelivered: boolean; deliveryCount: number; queue: string }[] = [];
  /** Outputs that contradict the rows so far; must stay empty. */
  readonly contradictions: string[] = [];
  private readonly deliveryLimit: number | null;
  constructor(deliveryLimit: number | null = null) {
    this.deliveryLimit = deliveryLimit;
    this.broker = createBroker({ exchange: 'events', deliveryLimit }, []);
  }
  private take(outputs: Output[]): Output[] {
    for (const output of outputs) {
      if (output.type === 'deliver') {
        const { redelivered, deliveryCount, message } = output.entry;
        const { queue, tag, consumer } = output;
        this.delivered.push({ to: consumer.instance, id: message.messageId, tag, redelivered, deliveryCount, queue });
      } else if (output.type === 'applied') {
        const id = `${output.table} ${output.key}`;
        if (JSON.stringify(this.rows.get(id) ?? null) !== JSON.stringify(output.before)) this.contradictions.push(id);
        if (output.after === null) this.rows.delete(id);
        else this.rows.set(id, output.after);
      }
    }
    return outputs;
  }
  publish(id: string, key = 'k', exchange = 'events'): Output[] {
    const message = { messageId: id, exchange, key, type: 'T', headers: {}, body: id };
    return this.take(publish(this.broker, message, null));
  }
  consume(queue: string, instance: string, prefetch: number, bindings: string[] = ['#']): Output[] {
    return this.take(consume(this.broker, queue, bindings, { instance, link: `${instance}-link`, prefetch }));
  }
  private queueOf(tag: number): string {
    return this.delivered.find((entry) => entry.tag === tag)?.queue ?? 'q';
  }
  ack(tag: number, instance: string): Output[] {
    return this.take(ack(this.broker, this.queueOf(tag), tag, instance));
  }
  nack(tag: number, instance: string, requeue: boolean): Output[] {
    return this.take(nack(this.broker, this.queueOf(tag), tag, instance, requeue));
  }
  down(instance: string): Output[] {
    return this.take(consumerDown(this.broker, instance));
  }
  redeclare(declared: Record<string, Declared>, links: string[]): Output[] {
    const settings = { exchange: 'events', deliveryLimit: this.deliveryLimit };
    return this.take(redeclare(this.broker, settings, new Map(Object.entries(declared)), new Set(links)));
  }
  /** Kills the broker and starts it from its durable rows. */
  restart(): void {
    const stored = [...this.rows].map(([id, row]): StoredRow => {
      const at = id.indexOf(' ');
      return { table: id.slice(0, at), key: id.slice(at + 1), row };
    });
    this.broker = createBroker({ exchange: 'events', deliveryLimit: this.deliveryLimit }, stored);
  }
  /** Ids of what is ready, `r` behind those marked redelivered. */
  readyIds(queue: string): string[] {
    const ready = this.broker.queues.get(queue)?.ready ?? [];
    return ready.map((entry) => `${entry.message.messageId}${entry.redelivered ? 'r' : ''}`);
  }
  state(queue: string): Output | undefined {
    return describe(this.broker).find((output) => output.type === 'changed' && output.queue === queue);
  }
}
