import type { EventOf } from '../../../core/fabric/event.ts';
import type { CallsRun } from './calls-run.suite.ts';
import { BLOCKING_WAIT_MS } from './calls-variants.suite.ts';

/** What becoming ready may add to an answer. µs */
const READY_US = 2_000;
const LONGEST_US = BLOCKING_WAIT_MS * 1000 * (17 / 16) + READY_US;

interface Question {
  id: string;
  from: string;
  service: string;
  index: number;
  arriveAt: number;
}

/** Questions that wait at the registry, and what ends them. */
class Questions {
  readonly problems: string[] = [];
  private open = new Map<string, Question>();
  /** How each registration looked last. */
  private readonly entries = new Map<string, string>();
  /** The last time at which a service changed: who waited then has to be answered at that time. */
  private readonly changed = new Map<string, number>();

  ask(event: EventOf<'message.sent'>): void {
    const { payload, fate, source, seq, from, arriveAt } = event;
    if (payload.kind !== 'registry.discover' || (payload.index ?? 0) < 1 || fate !== 'deliver') return;
    const id = `${source}:${seq}`;
    this.open.set(id, { id, from, service: payload.service, index: payload.index ?? 0, arriveAt });
  }

  answer({ inReplyTo, payload, t }: EventOf<'message.sent'>): void {
    const question = this.open.get(inReplyTo ?? '');
    if (question === undefined || payload.kind !== 'registry.result') return;
    this.open.delete(question.id);
    const waited = t - question.arriveAt;
    const { index = 0 } = payload;
    const who = `the question of ${question.from} for ${question.service} at ${question.arriveAt}`;
    if (index < 1) this.problems.push(`${who} gets the index ${index}`);
    if (waited > LONGEST_US) this.problems.push(`${who} waits ${waited} µs`);
    if (waited < BLOCKING_WAIT_MS * 1000 && index <= question.index)
      this.problems.push(`${who} is answered after ${waited} µs with the index ${index}, which is no later one`);
    const change = this.changed.get(question.service) ?? -Infinity;
    if (change > question.arriveAt && t > change)
      this.problems.push(`${who} is not answered by the change at ${change}`);
  }

  change({ service, instance, address, status, t }: EventOf<'registry.changed'>): void {
    const look = `${service} ${address} ${status}`;
    const before = this.entries.get(instance);
    this.entries.set(instance, look);
    // A sign of life changes nothing that is listed.
    if (before !== look && status !== 'critical') this.changed.set(service, t);
  }

  /** Questions that a connection took along are not waiting any more. */
  drop(message: string): void {
    this.open.delete(message);
  }

  /** The registry, or who asked, begins or ends: connections are gone. */
  gone(instance: string): void {
    if (instance.startsWith('consul#')) {
      this.open.clear();
      this.changed.clear();
      this.entries.clear();
    } else for (const [id, { from }] of this.open) if (from === instance) this.open.delete(id);
  }

  /** Those that should have been answered long ago. */
  overdue(t: number): void {
    for (const { id, from, service, arriveAt } of this.open.values()) {
      if (t - arriveAt <= LONGEST_US) continue;
      this.problems.push(`the question ${id} of ${from} for ${service} is open after ${t - arriveAt} µs`);
      this.open.delete(id);
    }
  }
}

/** SR3: a blocking query is answered by a later index or at the end of its wait, never before and never later; its index is at least 1. */
export function blockingQueries({ events, features, steps }: CallsRun): string[] {
  if (!features.blocking) return [];
  // What an outage or a cut does to open questions is seen by who goes by an old list.
  if (steps.some(({ kind }) => OPAQUE.has(kind))) return [];
  const questions = new Questions();
  for (const event of events) {
    questions.overdue(event.t);
    if (event.type === 'message.sent') {
      questions.ask(event);
      questions.answer(event);
    } else if (event.type === 'registry.changed') questions.change(event);
    else if (event.type === 'message.refused') questions.drop(event.message);
    else if (
      event.type === 'instance.starting' ||
      event.type === 'instance.crashed' ||
      event.type === 'instance.stopped'
    )
      questions.gone(event.instance);
  }
  return questions.problems;
}
const OPAQUE = new Set(['registry-outage', 'outage', 'partition', 'partition-one-way', 'loss', 'pause', 'move']);
