import type { EventOf, LogEvent } from '../../../core/fabric/event.ts';
import type { CallsRun } from './calls-run.suite.ts';
import { CHECKS } from './calls-variants.suite.ts';

/** What the log says of the checks of one gateway. */
class Book {
  readonly problems: string[] = [];
  /** When each instance was checked last. */
  private readonly checked = new Map<string, number>();
  private readonly out = new Set<string>();
  private isPanic = false;

  read(event: LogEvent): void {
    if (event.type === 'instance.starting' && event.instance === 'gateway#0') this.begin();
    else if (event.type === 'panic.changed' && event.source === 'gateway#0') this.isPanic = event.panicking;
    else if (event.type === 'host.ejected' && event.source === 'gateway#0') this.out.add(event.instance);
    else if (event.type === 'host.returned' && event.source === 'gateway#0') this.returned(event.instance);
    else if (event.type === 'message.sent') this.sent(event);
  }

  private begin(): void {
    this.checked.clear();
    this.out.clear();
    this.isPanic = false;
  }

  private returned(instance: string): void {
    if (!this.out.delete(instance)) this.problems.push(`${instance} returns, though it was not out`);
  }

  private sent(event: EventOf<'message.sent'>): void {
    const { from, to, payload, operation, t } = event;
    if (from !== 'gateway#0' || payload.kind !== 'http.request') return;
    if (!operation.startsWith('check ')) {
      if (this.out.has(to) && !this.isPanic) this.problems.push(`${to} is asked at ${t}, though it is out`);
      return;
    }
    const gap = t - (this.checked.get(to) ?? -Infinity);
    if (gap < CHECKS.intervalMs * 1000) this.problems.push(`${to} is checked ${gap} µs after the check before`);
    this.checked.set(to, t);
  }
}

/** GW12: no request to an instance that checks keep out unless it is a panic; a check follows an interval after the one before at the earliest; whoever is well is used in the end. */
export function healthOfHosts({ events, features, steps, askedAt }: CallsRun): string[] {
  if (!features.checks) return [];
  // An instance that moves or is replaced begins anew, with the same name.
  const isAnew = steps.some(({ kind }) => ANEW.has(kind));
  if (isAnew) return [];
  const book = new Book();
  for (const event of events) book.read(event);
  return [...book.problems, ...overdue(events, askedAt)];
}
const ANEW = new Set(['move', 'scale', 'redeploy', 'pause', 'slow', 'edit']);

/** Whom a check took out long before the end, when everything is well again, has returned. */
function overdue(events: readonly LogEvent[], askedAt: number): string[] {
  const out = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'instance.starting' && event.instance === 'gateway#0') out.clear();
    else if (event.type === 'host.ejected' && event.source === 'gateway#0') out.set(event.instance, event.t);
    else if (event.type === 'host.returned' && event.source === 'gateway#0') out.delete(event.instance);
  }
  return [...out].flatMap(([instance, t]) =>
    t < askedAt - RECOVERY_US ? [`${instance} is out since ${t}, though all is well`] : [],
  );
}
const RECOVERY_US = 1_000_000;
