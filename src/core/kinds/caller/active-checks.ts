import { isExpected, type CheckOutcome } from '../../balance/active-health.ts';
import { isObject, type Json } from '../../base/json.ts';
import type { InstanceId, Message } from '../../fabric/message.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../fabric/protocol.ts';
import type { HealthChecks } from '../../topology/schema/types.ts';

const US_PER_MS = 1000;
/** By this an instance can tell a check from a request. */
const USER_AGENT = 'servarium-health-check';

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
 * Checks are real requests on the link, outside of any trace. The lists of instances are renewed once per interval. Timers carry `{health: instance, of: node}` or `{upstream: node}`.
 */
export class ActiveChecks {
  private readonly port: ActorPort;
  private readonly upstreams: CheckedUpstreams;
  /** By instance id. */
  private readonly hosts = new Map<InstanceId, Checked>();
  /** Timer of the next look at the list, by node. */
  private readonly looks = new Map<string, number>();

  constructor(port: ActorPort, upstreams: CheckedUpstreams) {
    this.port = port;
    this.upstreams = upstreams;
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
    if (!isObject(token)) return false;
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
    if (payload.kind !== 'http.reply' || policy === undefined) return false;
    const isGood = isExpected(policy, payload.status);
    this.settle(from, host, isGood ? 'expected' : 'unexpected', `a health check got ${payload.status}`);
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
    this.looks.set(node, this.port.after(us(policy.intervalMs), { upstream: node }));
    const instances = this.upstreams.resolve(target);
    if (instances !== null) this.listed(node, instances);
  }

  private ask(instance: InstanceId): void {
    const host = this.hosts.get(instance);
    const policy = this.upstreams.policy();
    const target = this.targets().find(({ node }) => node === host?.node);
    if (host === undefined || policy === undefined || target === undefined) return this.end(instance);
    const { path, timeoutMs } = policy;
    host.asked = this.port.send({
      to: instance,
      link: target.link,
      operation: `check GET ${path}`,
      trace: null,
      payload: { kind: 'http.request', method: 'GET', path, headers: { 'user-agent': USER_AGENT }, body: null },
    });
    host.timer = this.port.after(us(timeoutMs), { health: instance, of: host.node });
  }

  private settle(instance: InstanceId, host: Checked, outcome: CheckOutcome, reason: string): void {
    this.port.cancel(host.timer);
    host.asked = null;
    host.timer = this.port.after(us(this.upstreams.policy()?.intervalMs ?? 0), { health: instance, of: host.node });
    this.upstreams.result(host.node, instance, outcome, reason);
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
