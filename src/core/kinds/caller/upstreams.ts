import { canonicalize } from '../../base/canonical.ts';
import { isObject, type Json } from '../../base/json.ts';
import { ActiveHealth, type CheckOutcome } from '../../balance/active-health.ts';
import { PANIC_PERCENT } from '../../balance/presets.ts';
import { createPicker } from '../../balance/create-picker.ts';
import { isPanic, OutlierDetector } from '../../balance/outlier.ts';
import { weightOf, type Picker } from '../../balance/picker.ts';
import { Places, type Entry } from '../../balance/places.ts';
import type { HttpRequest, InstanceId, TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { headerOf } from '../../http/headers.ts';
import type { HealthChecks, LoadBalancing, OutlierDetection, UpstreamLimits } from '../../topology/schema/types.ts';

/** How a caller treats its upstreams; what is absent: round robin, nobody is ejected, no limits. */
export interface BalancePolicy {
  loadBalancing?: LoadBalancing | undefined;
  outlierDetection?: OutlierDetection | undefined;
  upstreamLimits?: UpstreamLimits | undefined;
  /** Active checks; only of an owner that calls `watchHealth`. */
  healthChecks?: HealthChecks | undefined;
}

interface Upstream {
  node: string;
  picker: Picker;
  places: Places;
  outliers: OutlierDetector;
  health: ActiveHealth;
  active: Map<InstanceId, number>;
  /** Instances of the last choice, ejected ones too. */
  total: number;
  panicking: boolean;
  /** Timer of the next sweep; null = nothing to sweep. */
  sweep: number | null;
  chosen: number;
}
/** What a call says about itself when an instance is chosen for it. */
export interface Wanted {
  request: Pick<HttpRequest, 'headers'>;
  trace: TraceContext | null;
  tried: readonly InstanceId[];
}

const ROUND_ROBIN: LoadBalancing = { kind: 'round-robin' };

/** What one caller knows of its upstreams: whose turn it is, who is ejected, how much is under way; tells every change as an event (GW11, GW12, GW13). */
export class Upstreams {
  private readonly port: ActorPort;
  private readonly read: () => BalancePolicy;
  private policy: BalancePolicy;
  private readonly over: { protocol?: 'grpc' };
  private readonly upstreams = new Map<string, Upstream>();

  /** `read` gives the policy of the present record; it is asked again on `reconfigured`. Timers carry `{sweep: node}`. Over gRPC an upstream is another one than over HTTP, as clusters are in Envoy: its timers and events say so. */
  constructor(port: ActorPort, read: () => BalancePolicy, protocol?: 'grpc') {
    this.port = port;
    this.read = read;
    this.policy = read();
    this.over = protocol === undefined ? {} : { protocol };
  }

  /** A place for a call: it goes, waits until `promoted` names it, or is refused. */
  enter(node: string, call: number, isRetry: boolean): Entry {
    const upstream = this.of(node);
    const entry = upstream.places.enter(this.limits, call, isRetry);
    this.tellPlaces(upstream);
    return entry;
  }

  /** Gives the place of a call back; returns the waiting calls that may go now. */
  leave(node: string, call: number): number[] {
    const upstream = this.of(node);
    if (!upstream.places.leave(call)) return [];
    const promoted = upstream.places.promote(this.limits);
    this.tellPlaces(upstream);
    return promoted;
  }

  /** An instance among those resolved, or null: none is available, or none has weight. Ejected ones are left out unless it is a panic, tried ones as long as there is another. */
  choose(node: string, instances: readonly InstanceId[], wanted: Wanted): InstanceId | null {
    const upstream = this.of(node);
    const usable = this.available(upstream, instances);
    const fresh = usable.filter((instance) => !wanted.tried.includes(instance));
    const choice = upstream.chosen++;
    const { trace } = wanted;
    // By the call's own span, so that a neighbour more or a request more elsewhere changes no other choice.
    const place =
      trace === null
        ? [this.port.init.instance, this.port.init.incarnation, choice]
        : [trace.traceId, trace.spanId, wanted.tried.length];
    const picked = upstream.picker.pick(this.candidates(node, fresh.length > 0 ? fresh : usable), {
      hashKey: this.hashKey(wanted.request),
      active: (id) => upstream.active.get(id) ?? 0,
      random: (draw) => this.port.random('balance', node, ...place, draw),
    });
    if (picked !== null) upstream.active.set(picked, (upstream.active.get(picked) ?? 0) + 1);
    return picked;
  }

  /** The call to an instance that was chosen is over. `failure` is null for an answer below 500; `cancelled` says nothing about the instance. */
  settled(node: string, instance: InstanceId, failure: string | null): void {
    const upstream = this.of(node);
    const active = (upstream.active.get(instance) ?? 0) - 1;
    if (active > 0) upstream.active.set(instance, active);
    else upstream.active.delete(instance);
    const policy = this.policy.outlierDetection;
    if (policy === undefined || failure === 'cancelled') return;
    const { outliers, total } = upstream;
    const until = outliers.report(policy, { id: instance, failed: failure !== null }, total, this.port.now());
    if (until === null) return;
    const reason = `${policy.consecutive5xx} failures in a row, the last one ${failure}`;
    this.port.emit({ type: 'host.ejected', to: node, ...this.over, instance, reason, until });
    this.plan(upstream);
  }

  /** An active check of an instance had this result: a good one returns whom outlier detection had ejected (GW12). */
  checked(node: string, instance: InstanceId, outcome: CheckOutcome, reason: string): void {
    const policy = this.policy.healthChecks;
    if (policy === undefined) return;
    const upstream = this.of(node);
    const { health, outliers } = upstream;
    const wasDown = health.isDown(instance);
    const verdict = health.judge(policy, instance, outcome);
    if (verdict === 'down')
      this.port.emit({ type: 'host.ejected', to: node, ...this.over, instance, reason, until: null });
    const wasEjected = outcome === 'expected' && health.isHealthy(instance) && outliers.absolve(instance);
    if (wasEjected || (verdict === 'up' && wasDown)) this.returned(upstream, [instance]);
  }

  /** An instance is not checked any more: nothing is known of its health. */
  unchecked(node: string, instance: InstanceId): void {
    const { health, outliers } = this.of(node);
    const wasDown = health.forget(instance);
    if (wasDown && !outliers.isEjected(instance)) this.returned(this.of(node), [instance]);
  }

  /** True when the timer was a sweep. */
  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['sweep'] !== 'string' || token['over'] !== this.over.protocol) return false;
    const upstream = this.of(token['sweep']);
    upstream.sweep = null;
    this.returned(
      upstream,
      upstream.outliers.sweep(this.port.now()).filter((instance) => !upstream.health.isDown(instance)),
    );
    this.plan(upstream);
    return true;
  }

  /** The record or the neighbours have changed. `moved` lists instances whose address is new: they begin anew. Returns the waiting calls that may go now. */
  reconfigured(moved: readonly InstanceId[]): number[] {
    const before = this.policy;
    this.policy = this.read();
    const isSame = (a: unknown, b: unknown): boolean =>
      canonicalize((a ?? null) as Json) === canonicalize((b ?? null) as Json);
    const samePicker = isSame(before.loadBalancing, this.policy.loadBalancing);
    const promoted: number[] = [];
    for (const [, upstream] of this.upstreams) {
      if (!samePicker) upstream.picker = createPicker(this.policy.loadBalancing ?? ROUND_ROBIN);
      const off = this.policy.outlierDetection === undefined;
      this.returned(
        upstream,
        upstream.outliers.forget((id) => off || moved.includes(id)),
      );
      if (!isSame(before.outlierDetection, this.policy.outlierDetection)) this.plan(upstream);
      promoted.push(...upstream.places.promote(this.limits));
      if (!isSame(before.upstreamLimits, this.policy.upstreamLimits)) this.tellPlaces(upstream);
    }
    return promoted;
  }

  private token(node: string): Json {
    const { protocol } = this.over;
    return protocol === undefined ? { sweep: node } : { sweep: node, over: protocol };
  }

  private get limits(): UpstreamLimits | null {
    return this.policy.upstreamLimits ?? null;
  }

  private of(node: string): Upstream {
    let upstream = this.upstreams.get(node);
    if (upstream === undefined) {
      upstream = {
        node,
        picker: createPicker(this.policy.loadBalancing ?? ROUND_ROBIN),
        places: new Places(),
        outliers: new OutlierDetector(this.port.now()),
        health: new ActiveHealth(),
        active: new Map(),
        total: 0,
        panicking: false,
        sweep: null,
        chosen: 0,
      };
      this.upstreams.set(node, upstream);
    }
    return upstream;
  }

  private available(upstream: Upstream, instances: readonly InstanceId[]): readonly InstanceId[] {
    const policy = this.policy.outlierDetection;
    const checks = this.policy.healthChecks;
    // Who is not among the resolved any more is no host of this upstream; should it come back, it begins anew.
    if (policy !== undefined)
      this.returned(
        upstream,
        upstream.outliers.forget((id) => !instances.includes(id)),
      );
    const usable = instances.filter(
      (instance) =>
        !upstream.outliers.isEjected(instance) && (checks === undefined || upstream.health.isHealthy(instance)),
    );
    upstream.total = instances.length;
    const percent = policy?.panicPercent ?? (checks === undefined ? 0 : PANIC_PERCENT);
    const panicking = isPanic(percent, usable.length, instances.length);
    if (panicking !== upstream.panicking) {
      upstream.panicking = panicking;
      this.port.emit({ type: 'panic.changed', to: upstream.node, ...this.over, panicking });
    }
    return panicking ? instances : usable;
  }

  private candidates(node: string, instances: readonly InstanceId[]): { id: InstanceId; weight: number }[] {
    const policy = this.policy.loadBalancing;
    const weights = policy !== undefined && 'weights' in policy ? policy.weights : undefined;
    if (weights === undefined) return instances.map((id) => ({ id, weight: 1 }));
    const kind = this.over.protocol ?? 'http';
    const peer = this.port.init.peers.find((one) => one.kind === kind && one.direction === 'out' && one.node === node);
    const drawn = peer?.record.kind === 'service' ? peer.record.config.version : null;
    return instances.map((id) => {
      const version = peer?.instances.find((one) => one.instance === id)?.version ?? drawn;
      return { id, weight: weightOf(weights, id, version) };
    });
  }

  private hashKey(request: Wanted['request']): string | null {
    const policy = this.policy.loadBalancing;
    return policy !== undefined && 'header' in policy ? headerOf(request.headers, policy.header.toLowerCase()) : null;
  }

  private returned(upstream: Upstream, instances: readonly InstanceId[]): void {
    for (const instance of instances)
      this.port.emit({ type: 'host.returned', to: upstream.node, ...this.over, instance });
  }

  /** Sets the timer of the next sweep while there is anything to sweep: an idle caller comes to rest. */
  private plan(upstream: Upstream): void {
    const policy = this.policy.outlierDetection;
    const now = this.port.now();
    const next = policy === undefined ? null : upstream.outliers.nextSweep(policy, now);
    if (upstream.sweep !== null) this.port.cancel(upstream.sweep);
    upstream.sweep = next === null ? null : this.port.after(next - now, this.token(upstream.node));
  }

  private tellPlaces(upstream: Upstream): void {
    const { limits } = this;
    if (limits === null) return;
    const { active, queued, refused } = upstream.places;
    this.port.emit({
      type: 'pool.changed',
      pool: 'upstream',
      name: upstream.node,
      ...this.over,
      active,
      queued,
      limit: limits.maxRequests,
      refused,
    });
  }
}
