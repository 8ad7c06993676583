import type { Failure } from '../../behaviour/effect.ts';
import { isObject, type Json } from '../../base/json.ts';
import type { ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { nodeOf, type InstanceId, type Payload, type TraceContext } from '../../fabric/message.ts';

/** A database or broker that says nothing for so long is treated as gone. ms */
export const ASK_TIMEOUT_MS = 30_000;

export type Answer = { ok: true; payload: Payload } | { ok: false; failure: Failure };
interface Question {
  to: InstanceId;
  timer: number;
  done: (answer: Answer) => void;
}
export interface Ask {
  to: InstanceId;
  link: string;
  operation: string;
  trace: TraceContext | null;
  payload: Payload;
}

/** Request and answer over links that are not HTTP: databases, brokers, registries. Every question is answered once, by a reply, a refusal, a closed connection or a time-out. */
export class Asker {
  private readonly port: ActorPort;
  private readonly questions = new Map<string, Question>();

  constructor(port: ActorPort) {
    this.port = port;
  }

  ask(ask: Ask, done: (answer: Answer) => void): void {
    const id = this.port.send(ask);
    const timer = this.port.after(ASK_TIMEOUT_MS * 1000, { ask: id });
    this.questions.set(id, { to: ask.to, timer, done });
  }

  private settle(id: string, answer: Answer): boolean {
    const question = this.questions.get(id);
    if (!question) return false;
    this.questions.delete(id);
    this.port.cancel(question.timer);
    question.done(answer);
    return true;
  }

  private fail(id: string, code: string): boolean {
    const to = this.questions.get(id)?.to;
    if (to === undefined) return false;
    const words: Record<string, string> = {
      connection_refused: `connection to ${nodeOf(to)} refused`,
      connection_reset: `connection to ${nodeOf(to)} lost`,
      timeout: `no answer from ${nodeOf(to)} within ${ASK_TIMEOUT_MS} ms`,
    };
    return this.settle(id, { ok: false, failure: { code, message: words[code] ?? code, retriable: true } });
  }

  /** True when the delivery answered a question of ours. Every `peer.down` must be shown (false: others react as well). */
  handles(body: DeliveryBody): boolean {
    if (body.type === 'message') {
      const { inReplyTo, payload } = body.message;
      return inReplyTo !== undefined && this.settle(inReplyTo, { ok: true, payload });
    }
    if (body.type === 'refused') return this.fail(body.message, body.reason);
    if (body.type === 'peer.down') {
      const broken = [...this.questions].filter(([, question]) => question.to === body.instance);
      for (const [id] of broken) this.fail(id, 'connection_reset');
    }
    return false;
  }

  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['ask'] !== 'string') return false;
    this.fail(token['ask'], 'timeout');
    return true;
  }
}
