import type { EventOf, LogEvent } from '../../../core/fabric/event.ts';
import { nodeOf } from '../../../core/fabric/message.ts';
import type { CallsRun } from './calls-run.suite.ts';
import { CHECKS } from './calls-variants.suite.ts';

/** An upstream over gRPC has a health of its own. */
const hostOf = ({ instance, protocol }: { instance: string; protocol?: 'grpc' | undefined }): string =>
  protocol === undefined ? instance : `${instance} over gRPC`;

/** What the log says of the checks of one gateway. */
class Book {
  readonly problems: string[] = [];
  /** When each instance was checked last. */
  private readonly checked = new Map<string, number>();
  private readonly out = new Set<string>();
  /** Upstreams all of whose instances are used. */
  private readonly panics = new Set<string>();

  read(event: LogEvent): void {
    if (event.type === 'instance.starting' && event.instance === 'gateway#0') this.begin();
    else if (event.type === 'panic.changed' && event.source === 'gateway#0') this.panicked(event);
    else if (event.type === 'host.ejected' && event.source === 'gateway#0') this.out.add(hostOf(event));
    else if (event.type === 'host.returned' && event.source === 'gateway#0') this.returned(hostOf(event));
    else if (event.type === 'message.sent') this.sent(event);
  }

  private begin(): void {
    this.checked.clear();
    this.out.clear();
    this.panics.clear();
  }

  private panicked({ to, protocol, panicking }: EventOf<'panic.changed'>): void {
    const upstream = hostOf({ instance: to, protocol });
    if (panicking) this.panics.add(upstream);
    else this.panics.delete(upstream);
  }

  private returned(host: string): void {
    if (!this.out.delete(host)) this.problems.push(`${host} returns, though it was not out`);
  }

  private sent(event: EventOf<'message.sent'>): void {
    const { from, to, payload, operation, t } = event;
    if (from !== 'gateway#0' || (payload.kind !== 'http.request' && payload.kind !== 'grpc.request')) return;
    const protocol = payload.kind === 'grpc.request' ? 'grpc' : undefined;
    const [host, upstream] = [to, nodeOf(to)].map((instance) => hostOf({ instance, protocol })) as [string, string];
    if (!operation.startsWith('check ')) {
      if (this.out.has(host) && !this.panics.has(upstream))
        this.problems.push(`${host} is asked at ${t}, though it is out`);
      return;
    }
    const gap = t - (this.checked.get(host) ?? -Infinity);
    if (gap < CHECKS.intervalMs * 1000) this.problems.push(`${host} is checked ${gap} µs after the check before`);
    this.checked.set(host, t);
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
    else if (event.type === 'host.ejected' && event.source === 'gateway#0') out.set(hostOf(event), event.t);
    else if (event.type === 'host.returned' && event.source === 'gateway#0') out.delete(hostOf(event));
  }
  return [...out].flatMap(([instance, t]) =>
    t < askedAt - RECOVERY_US ? [`${instance} is out since ${t}, though all is well`] : [],
  );
}
const RECOVERY_US = 1_000_000;
