import { isObject, type Json } from '../../base/json.ts';
import type { VirtualTime } from '../../base/order.ts';
import { faultOf } from '../../fabric/faults.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { ConfigOf, Health } from '../../topology/schema/types.ts';
import { observe, unknownProbe, type ProbeConfig, type ProbeKind, type ProbeState } from './probe.ts';

const US_PER_MS = 1000;

/** What probing does to the instance. */
export interface HealthHooks {
  /** A request to an endpoint of this instance, handled like any other. */
  request(path: string, probe: string, done: (status: number) => void): void;
  /** It belongs into rotation, or out of it; called on changes only. */
  rotate(isReady: boolean): void;
}

/**
 * Health checks of one instance as a Kubernetes node agent makes them (RP4): startup gates the others; readiness decides about rotation
 * and never restarts; liveness (and a startup that never comes) ends the instance. An instance without probes is ready when it listens.
 */
export class HealthChecks {
  private readonly port: ActorPort;
  private readonly hooks: HealthHooks;
  private readonly states = new Map<ProbeKind, ProbeState>();
  /** Requests under way: number -> what was asked and when. */
  private readonly asked = new Map<number, { kind: ProbeKind; at: VirtualTime; timer: number }>();
  private asks = 0;
  private generation = 0;
  private text = '';
  private listens = false;
  private isReady = false;
  private isOver = false;

  constructor(port: ActorPort, hooks: HealthHooks) {
    this.port = port;
    this.hooks = hooks;
  }

  /** The process was started: probing begins, although nobody may listen yet. */
  start(): void {
    this.text = JSON.stringify(this.health);
    this.generation += 1;
    this.asked.clear();
    if (this.health.startup && this.verdict('startup') !== true) this.plan('startup');
    else this.planOthers();
  }

  /** The process listens. */
  listening(): void {
    this.listens = true;
    this.rotate();
  }

  /** Other probes, perhaps: what changed begins anew. */
  reconfigure(): void {
    if (this.isOver || JSON.stringify(this.health) === this.text) return;
    for (const kind of ['readiness', 'liveness'] as const) if (!this.health[kind]) this.states.delete(kind);
    this.start();
    this.rotate();
  }

  /** It is being drained: no more probes. */
  end(): void {
    this.isOver = true;
  }

  timer(token: Json): boolean {
    if (!isObject(token)) return false;
    if (typeof token['probeTimeout'] === 'number') {
      const asked = this.asked.get(token['probeTimeout']);
      const timeoutMs = asked === undefined ? 0 : (this.health[asked.kind]?.timeoutMs ?? 0);
      this.result(token['probeTimeout'], `no answer within ${timeoutMs} ms`);
      return true;
    }
    if (typeof token['probe'] !== 'string') return false;
    if (token['generation'] === this.generation) this.ask(token['probe'] as ProbeKind);
    return true;
  }

  private get health(): Health {
    return (this.port.init.record.config as ConfigOf<'service'>).health ?? {};
  }

  private verdict(kind: ProbeKind): boolean | null {
    return this.states.get(kind)?.verdict ?? null;
  }

  private planOthers(): void {
    for (const kind of ['readiness', 'liveness'] as const) if (this.health[kind]) this.plan(kind);
  }

  /** First time: after the initial delay, counted from the start of the container. */
  private plan(kind: ProbeKind): void {
    const due = this.port.init.startedAt + Math.round((this.health[kind]?.initialDelayMs ?? 0) * US_PER_MS);
    this.later(kind, due - this.port.now());
  }

  private later(kind: ProbeKind, delayUs: number): void {
    this.port.after(delayUs, { probe: kind, generation: this.generation });
  }

  private ask(kind: ProbeKind): void {
    const probe = this.health[kind];
    if (this.isOver || probe === undefined) return;
    const id = ++this.asks;
    const timer = this.port.after(probe.timeoutMs * US_PER_MS, { probeTimeout: id });
    this.asked.set(id, { kind, at: this.port.now(), timer });
    if (!this.listens || faultOf(this.port.init.faults, 'outage')) return this.result(id, 'connection refused');
    this.hooks.request(probe.path, `${kind}:${id}`, (status) =>
      this.result(id, status >= 200 && status < 400 ? null : `HTTP ${status}`),
    );
  }

  /** `problem` null = passed. What comes after the time-out counts for nothing. */
  private result(id: number, problem: string | null): void {
    const asked = this.asked.get(id);
    if (asked === undefined) return;
    this.asked.delete(id);
    this.port.cancel(asked.timer);
    const { kind, at } = asked;
    const probe = this.health[kind];
    if (this.isOver || probe === undefined) return;
    const before = this.states.get(kind) ?? unknownProbe;
    const after = observe(probe, before, problem === null);
    this.states.set(kind, after);
    const isChanged = after.verdict !== before.verdict;
    if (isChanged) this.tell(kind, after, problem);
    if (after.verdict === false && kind !== 'readiness') return this.fatal(kind, after, problem);
    if (isChanged && kind === 'startup') this.planOthers();
    else if (kind !== 'startup' || after.verdict !== true) this.again(kind, probe, at);
    this.rotate();
  }

  /** Every period from the last question on; what falls into a question under way is left out. */
  private again(kind: ProbeKind, probe: ProbeConfig, at: VirtualTime): void {
    const periodUs = Math.round(probe.periodMs * US_PER_MS);
    this.later(kind, periodUs - ((this.port.now() - at) % periodUs));
  }

  private tell(kind: ProbeKind, { verdict, run }: ProbeState, problem: string | null): void {
    const { instance } = this.port.init;
    const reason = problem === null ? `passed ${run} in a row` : `${problem}, ${run} in a row`;
    this.port.emit({ type: 'probe.changed', instance, probe: kind, passing: verdict === true, reason });
  }

  private fatal(kind: ProbeKind, { run }: ProbeState, problem: string | null): void {
    this.isOver = true;
    this.port.stop(`${kind} probe failed: ${problem ?? ''}, ${run} in a row`, true);
  }

  private rotate(): void {
    const { startup, readiness } = this.health;
    const isReady =
      this.listens &&
      (startup === undefined || this.verdict('startup') === true) &&
      (readiness === undefined || this.verdict('readiness') === true);
    if (isReady === this.isReady) return;
    this.isReady = isReady;
    this.hooks.rotate(isReady);
  }
}
