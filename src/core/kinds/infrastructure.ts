import { isObject, type Json } from '../base/json.ts';
import type { Message, Payload } from '../fabric/message.ts';
import type { Actor, ActorPort, DeliveryBody } from '../fabric/protocol.ts';
import { SlowLane } from './slow-lane.ts';

/** How long infrastructure (and a client, a gateway) takes from `start` to `instance.ready`, in µs; far below the boot time. */
export const START_DELAY_US = 1000;

/** What database, broker and registry have in common: ready after a moment, early messages wait as in a listening socket's backlog, answers go back on their link. */
export abstract class Infrastructure implements Actor {
  protected readonly port: ActorPort;
  private backlog: Message[] | null = [];
  private readonly lane: SlowLane<Message>;

  constructor(port: ActorPort) {
    this.port = port;
    this.lane = new SlowLane(port, (message) => this.take(message));
  }

  receive(body: DeliveryBody): void {
    if (body.type === 'start') this.port.after(START_DELAY_US, { ready: true });
    else if (body.type === 'drain') this.port.stop('drained');
    else if (body.type !== 'message') this.hear(body);
    // What departed earlier was sent to the incarnation before: that connection is gone, and its sender has been told.
    else if (body.message.departAt >= this.port.init.startedAt) {
      if (this.backlog === null) this.lane.enter(body.message);
      else this.backlog.push(body.message);
    }
  }

  timer(token: Json): void {
    if (!isObject(token) || this.lane.timer(token)) return;
    if (token['ready'] !== true) return this.due(token);
    this.port.emit({ type: 'instance.ready', instance: this.port.init.instance });
    this.begin();
    const early = this.backlog ?? [];
    this.backlog = null;
    for (const message of early) this.lane.enter(message);
  }

  /** Answers a message on the link that it came by, in its trace. */
  protected answer(message: Message, operation: string, payload: Payload): void {
    this.port.send({
      to: message.from,
      link: message.link,
      operation,
      inReplyTo: message.id,
      trace: message.trace,
      payload,
    });
  }

  abstract inspect(query: string): Json;
  /** One message, once ready. */
  protected abstract take(message: Message): void;
  /** Everything else that is delivered. */
  protected abstract hear(body: Exclude<DeliveryBody, { type: 'start' | 'drain' | 'message' }>): void;
  /** A timer of its own. */
  protected abstract due(token: { [key: string]: Json }): void;
  /** What is told when it becomes ready. */
  protected abstract begin(): void;
}
