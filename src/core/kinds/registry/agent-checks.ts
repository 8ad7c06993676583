import type { ActorPort } from '../../fabric/protocol.ts';
import type { InstanceId, Message } from '../../fabric/message.ts';
import { statusOfCheck } from './consul.ts';

/** How long Consul waits for the answer to an HTTP check. ms */
const CHECK_TIMEOUT_MS = 10_000;

interface Checked {
  link: string | null;
  timer: number;
  /** The question that waits for its answer. */
  asked: string | null;
}

/** The agent's own HTTP checks (SR1): each instance is asked every `intervalMs`, the first time at a place of its own within the interval, as Consul spreads them. */
export class AgentChecks {
  private readonly port: ActorPort;
  private readonly intervalMs: () => number;
  private readonly verdict: (instance: InstanceId, status: 'passing' | 'warning' | 'critical') => void;
  private readonly checked = new Map<InstanceId, Checked>();

  constructor(
    port: ActorPort,
    intervalMs: () => number,
    verdict: (instance: InstanceId, status: 'passing' | 'warning' | 'critical') => void,
  ) {
    this.port = port;
    this.intervalMs = intervalMs;
    this.verdict = verdict;
  }

  /** Begins to ask an instance that registered; one that is asked already stays where it is in its round. */
  begin(instance: InstanceId, link: string | null): void {
    if (this.checked.has(instance)) return;
    const first = this.port.random('check', instance, this.port.init.incarnation) * this.intervalMs();
    this.checked.set(instance, { link, timer: this.after(first, instance), asked: null });
  }

  end(instance: InstanceId): void {
    const known = this.checked.get(instance);
    if (known !== undefined) this.port.cancel(known.timer);
    this.checked.delete(instance);
  }

  /** The timer of an instance: its answer is overdue, or it is asked again. */
  due(instance: InstanceId): void {
    const known = this.checked.get(instance);
    if (known === undefined) return;
    if (known.asked !== null) return this.settle(instance, known, 503);
    known.asked = this.port.send({
      to: instance,
      link: known.link,
      operation: 'check',
      trace: null,
      payload: { kind: 'registry.check' },
    });
    known.timer = this.after(CHECK_TIMEOUT_MS, instance);
  }

  /** True when the message answered a check. */
  answered({ payload, inReplyTo, from }: Message): boolean {
    if (payload.kind !== 'registry.checked') return false;
    const known = this.checked.get(from);
    if (known !== undefined && known.asked === inReplyTo) this.settle(from, known, payload.status);
    return true;
  }

  /** A check that reached nobody. */
  refused(message: string, instance: InstanceId): void {
    const known = this.checked.get(instance);
    if (known?.asked === message) this.settle(instance, known, 503);
  }

  private settle(instance: InstanceId, known: Checked, status: number): void {
    this.port.cancel(known.timer);
    known.asked = null;
    known.timer = this.after(this.intervalMs(), instance);
    this.verdict(instance, statusOfCheck(status));
  }

  private after(ms: number, instance: InstanceId): number {
    return this.port.after(Math.max(1, Math.round(ms * 1000)), { check: instance });
  }
}
