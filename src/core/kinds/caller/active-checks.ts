import { isExpected, type CheckOutcome } from '../../balance/active-health.ts';
import { isObject, type Json } from '../../base/json.ts';
import type { InstanceId, Message, Payload } from '../../fabric/message.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../fabric/protocol.ts';
import type { HealthChecks } from '../../topology/schema/types.ts';

const US_PER_MS = 1000;
/** By this an instance can tell a check from a request. */
const USER_AGENT = 'servarium-health-check';

/** What one check asks, and what its answer says; null = that is no answer to it. */
export interface CheckKind {
  protocol?: 'grpc';
  ask(policy: HealthChecks): { operation: string; payload: Payload };
  judge(policy: HealthChecks, payload: Payload): { isGood: boolean; reason: string } | null;
}

/** Envoy's HTTP checks: a GET whose status is expected. */
const OVER_HTTP: CheckKind = {
  ask: ({ path }) => ({
    operation: `check GET ${path}`,
    payload: { kind: 'http.request', method: 'GET', path, headers: { 'user-agent': USER_AGENT }, body: null },
  }),
  judge: (policy, payload) =>
    payload.kind === 'http.reply'
      ? { isGood: isExpected(policy, payload.status), reason: `a health check got ${payload.status}` }
      : null,
};

/** What the checks need of their caller. */
export interface CheckedUpstreams {
  /** The policy of the present record; undefined = no checks. */
  policy(): HealthChecks | undefined;
  /** The upstreams that are checked. */
  targets(): Peer[];
  /** Present instances of an upstream, or null: a registry is asked, `listed` follows. */
  resolve(target: Peer): readonly InstanceId[] | null;
  result(node: string, instance: InstanceId, outcome: CheckOutcome, reason: string): void;
  /** An instance is not checked any more. */
  ended(node: string, instance: InstanceId): void;
}
interface Checked {
  node: string;
  timer: number;
  /** The request that waits for its answer. */
  asked: string | null;
}

/**
 * Envoy's active HTTP health checks by one caller: every instance of each upstream is asked at once when it becomes known, then `intervalMs` after each result, whatever the traffic (there is no `no_traffic_interval`).
 * Checks are real requests on the link, outside of any trace. The lists of instances are renewed once per interval. Timers carry `{health: instance, of: node}` or `{upstream: node}`, and `over` where it is not HTTP.
 */
export class ActiveChecks {
  private readonly port: ActorPort;
  private readonly upstreams: CheckedUpstreams;
  private readonly kind: CheckKind;
  /** By instance id. */
  private readonly hosts = new Map<InstanceId, Checked>();
  /** Timer of the next look at the list, by node. */
  private readonly looks = new Map<string, number>();

  constructor(port: ActorPort, upstreams: CheckedUpstreams, kind: CheckKind = OVER_HTTP) {
    this.port = port;
    this.upstreams = upstreams;
    this.kind = kind;
  }

  /** Begins, or follows a changed record: upstreams that are not checked any more are left alone, new ones are asked at once. `moved`: instances that begin anew. */
  begin(moved: readonly InstanceId[] = []): void {
    const targets = this.targets();
    for (const [node, timer] of this.looks) {
      if (targets.some((target) => target.node === node)) continue;
      this.port.cancel(timer);
      this.looks.delete(node);
    }
    for (const [instance, { node }] of this.hosts)
      if (moved.includes(instance) || !targets.some((target) => target.node === node)) this.end(instance);
    for (const target of targets) if (!this.looks.has(target.node) || moved.length > 0) this.look(target);
  }

  /** A registry's answer to `resolve`. */
  listed(node: string, instances: readonly InstanceId[]): void {
    for (const [instance, host] of this.hosts)
      if (host.node === node && !instances.includes(instance)) this.end(instance);
    for (const instance of instances) {
      if (this.hosts.has(instance)) continue;
      this.hosts.set(instance, { node, timer: 0, asked: null });
      this.ask(instance);
    }
  }

  /** True when the timer was one of the checks. */
  timer(token: Json): boolean {
    if (!isObject(token) || token['over'] !== this.kind.protocol) return false;
    const { upstream, health } = token;
    if (typeof upstream === 'string') {
      this.looks.delete(upstream);
      const target = this.targets().find(({ node }) => node === upstream);
      if (target !== undefined) this.look(target);
      return true;
    }
    if (typeof health !== 'string') return false;
    const host = this.hosts.get(health);
    if (host === undefined) return true;
    if (host.asked === null) this.ask(health);
    else
      this.settle(
        health,
        host,
        'unanswered',
        `no answer to a health check within ${this.upstreams.policy()?.timeoutMs ?? 0} ms`,
      );
    return true;
  }

  /** True when the message answered a check, in time or late. */
  message({ payload, from, inReplyTo }: Message): boolean {
    const host = this.hosts.get(from);
    if (host === undefined || host.asked === null || host.asked !== inReplyTo) return false;
    const policy = this.upstreams.policy();
    const verdict = policy === undefined ? null : this.kind.judge(policy, payload);
    if (verdict === null) return false;
    this.settle(from, host, verdict.isGood ? 'expected' : 'unexpected', verdict.reason);
    return true;
  }

  /** True when it was a check that reached nobody. */
  refused({ message, to, reason }: Extract<DeliveryBody, { type: 'refused' }>): boolean {
    const host = this.hosts.get(to);
    if (host?.asked !== message) return false;
    this.settle(to, host, 'unanswered', `a health check met ${reason}`);
    return true;
  }

  /** The connection to an instance broke, and a check on it. */
  broken(instance: InstanceId): void {
    const host = this.hosts.get(instance);
    if (host !== undefined && host.asked !== null)
      this.settle(instance, host, 'unanswered', 'a health check met connection_reset');
  }

  private targets(): Peer[] {
    return this.upstreams.policy() === undefined ? [] : this.upstreams.targets();
  }

  /** Reads the list of an upstream, and again after an interval. */
  private look(target: Peer): void {
    const policy = this.upstreams.policy();
    if (policy === undefined) return;
    const { node } = target;
    const before = this.looks.get(node);
    if (before !== undefined) this.port.cancel(before);
    this.looks.set(node, this.port.after(us(policy.intervalMs), this.token({ upstream: node })));
    const instances = this.upstreams.resolve(target);
    if (instances !== null) this.listed(node, instances);
  }

  private ask(instance: InstanceId): void {
    const host = this.hosts.get(instance);
    const policy = this.upstreams.policy();
    const target = this.targets().find(({ node }) => node === host?.node);
    if (host === undefined || policy === undefined || target === undefined) return this.end(instance);
    host.asked = this.port.send({ to: instance, link: target.link, trace: null, ...this.kind.ask(policy) });
    host.timer = this.port.after(us(policy.timeoutMs), this.token({ health: instance, of: host.node }));
  }

  private settle(instance: InstanceId, host: Checked, outcome: CheckOutcome, reason: string): void {
    this.port.cancel(host.timer);
    host.asked = null;
    const intervalMs = this.upstreams.policy()?.intervalMs ?? 0;
    host.timer = this.port.after(us(intervalMs), this.token({ health: instance, of: host.node }));
    this.upstreams.result(host.node, instance, outcome, reason);
  }

  private token(token: Record<string, Json>): Json {
    const { protocol } = this.kind;
    return protocol === undefined ? token : { ...token, over: protocol };
  }

  private end(instance: InstanceId): void {
    const host = this.hosts.get(instance);
    if (host === undefined) return;
    this.port.cancel(host.timer);
    this.hosts.delete(instance);
    this.upstreams.ended(host.node, instance);
  }
}

const us = (ms: number): number => Math.max(1, Math.round(ms * US_PER_MS));
