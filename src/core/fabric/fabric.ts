import { canonicalize } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { compareKeys, type VirtualTime } from '../base/order.ts';
import { ok, type Result } from '../base/result.ts';
import { sha256Hex } from '../base/sha256.ts';
import { CORE_VERSION, encodeEvent } from './encode.ts';
import type { LogEvent } from './event.ts';
import type { Input, InputBody } from './input.ts';
import { carryOut } from './agenda.ts';
import { applyInput } from './inputs.ts';
import { initialRows, reconcile, type LifecyclePlan } from './lifecycle.ts';
import type { InstanceId } from './message.ts';
import { lookaheadUs } from './network.ts';
import type { Outgoing, WindowReply, WindowRequest } from './protocol.ts';
import type { RunDefinition } from './run-api.ts';
import { hand, requestOf, route } from './routing.ts';
import { BOOT_US, createState, type EdgeReply, type FabricState, type InstanceState } from './state.ts';

/** `lookahead`: as long as the links allow; a number: at most that many µs; `event`: one event at a time. The log's bytes are the same for all. */
export type WindowSize = 'lookahead' | 'event' | number;

/** One window: what the host performs. Lifecycle first (kill, wipe, spawn), then one delivery per instance, all at once. */
export interface WindowPlan extends LifecyclePlan {
  from: VirtualTime;
  to: VirtualTime;
  deliver: Map<InstanceId, WindowRequest>;
}
export interface WindowOutcome {
  /** Final events in key order. */
  events: LogEvent[];
  edgeReplies: EdgeReply[];
  /** Instances that died while the window was outstanding: the host ends what is left of them. */
  kill: InstanceId[];
}

/** The run's only authority over time, order, network, faults and lifecycle. Pure: it plans, a host performs, it takes the replies. */
export class Fabric {
  private readonly state: FabricState;
  private readonly windowSize: WindowSize;

  constructor(definition: RunDefinition, options: { windowSize?: WindowSize } = {}) {
    this.state = createState(definition, lookaheadUs(definition.topology));
    this.windowSize = options.windowSize ?? 'lookahead';
    for (const input of definition.inputs) {
      this.state.inputs.push(input);
      this.state.inputSeq = Math.max(this.state.inputSeq, input.seq + 1);
    }
  }

  /** Everything before this is final. */
  get horizon(): VirtualTime {
    return this.state.horizon;
  }
  get instances(): InstanceId[] {
    return [...this.state.instances.values()]
      .filter((i) => i.alive)
      .map((i) => i.instance)
      .sort();
  }

  /** Line 0 of the log (decision 3). */
  header(): string {
    const { definition } = this.state;
    const data: Record<string, Json> = {};
    for (const node of Object.keys(definition.topology.nodes))
      data[node] = initialRows(this.state, node) as unknown as Json;
    return canonicalize({
      v: 1,
      topologyHash: sha256Hex(canonicalize(definition.topology as unknown as Json)),
      initialDataHash: sha256Hex(canonicalize(data)),
      seed: definition.seed,
      coreVersion: CORE_VERSION,
    });
  }
  encode(event: LogEvent): string {
    return encodeEvent(event);
  }
  inputs(): Input[] {
    return [...this.state.recorded];
  }

  /** Stamps an input with the start of the first window not yet sent (decision 5). */
  inject(body: InputBody): Result<Input> {
    const input: Input = { at: this.state.horizon, seq: this.state.inputSeq++, body };
    this.state.inputs.push(input);
    return ok(input);
  }

  /** Time of the next thing that will happen, or null when nothing ever will. */
  nextDue(): VirtualTime | null {
    const { state } = this;
    if (!state.booted) return -BOOT_US;
    let t = Math.min(
      state.pending.peek()?.t ?? Infinity,
      state.inputs.peek()?.at ?? Infinity,
      state.agenda.peek()?.t ?? Infinity,
    );
    for (const known of state.instances.values())
      if (known.alive && known.pausedAt === null && known.nextDue !== null) t = Math.min(t, known.nextDue);
    return t === Infinity ? null : t;
  }

  /** The next window that starts before `limit`, or null: then everything before `limit` is done and `horizon` becomes `limit`. */
  plan(limit: VirtualTime): WindowPlan | null {
    const { state } = this;
    const due = this.nextDue();
    if (due === null || due >= limit) {
      state.horizon = Math.max(state.horizon, limit);
      return null;
    }
    const from = due;
    const plan: WindowPlan = { from, to: from, kill: [], wipe: [], spawn: [], deliver: new Map() };
    this.startOfWindow(plan, from);
    if (this.windowSize === 'event') this.oneEvent(plan, from);
    else
      this.fill(
        plan,
        from,
        Math.min(
          limit,
          from + Math.min(this.windowSize === 'lookahead' ? Infinity : Math.max(1, this.windowSize), state.lookahead),
        ),
      );
    return plan;
  }

  private startOfWindow(plan: WindowPlan, from: VirtualTime): void {
    const { state } = this;
    if (!state.booted) {
      state.booted = true;
      reconcile(state, plan, from);
    }
    // The agenda goes first: a crash that is observed while a window is outstanding is the last input of its instant, live and replayed.
    for (let item = state.agenda.peek(); item && item.t <= from; item = state.agenda.peek()) {
      state.agenda.pop();
      carryOut(state, plan, item);
    }
    for (let input = state.inputs.peek(); input && input.at <= from; input = state.inputs.peek()) {
      state.inputs.pop();
      state.recorded.push(input);
      applyInput(state, plan, input);
    }
  }

  private fill(plan: WindowPlan, from: VirtualTime, end: VirtualTime): void {
    const { state } = this;
    const to = Math.min(end, state.inputs.peek()?.at ?? Infinity, state.agenda.peek()?.t ?? Infinity);
    plan.to = to;
    for (let item = state.pending.peek(); item && item.t < to; item = state.pending.peek()) {
      state.pending.pop();
      hand(state, plan, item);
    }
    for (const known of state.instances.values()) {
      if (known.alive && known.pausedAt === null && known.nextDue !== null && known.nextDue < to)
        requestOf(plan, known.instance);
    }
    for (const request of plan.deliver.values()) {
      request.from = from;
      request.to = to;
    }
    state.horizon = to;
  }

  /** Exactly one event: the least key among deliveries and timers. */
  private oneEvent(plan: WindowPlan, from: VirtualTime): void {
    const { state } = this;
    const item = state.pending.peek();
    let timer: InstanceId | null = null;
    for (const known of state.instances.values()) {
      if (
        known.alive &&
        known.pausedAt === null &&
        known.nextDue === from &&
        (timer === null || known.instance < timer)
      )
        timer = known.instance;
    }
    if (item && item.t === from && (timer === null || item.class < 2)) {
      state.pending.pop();
      hand(state, plan, item);
    } else if (timer !== null) requestOf(plan, timer);
    for (const request of plan.deliver.values()) request.from = request.to = from;
    // An input may not be stamped into an instant that has begun.
    state.horizon = Math.max(state.horizon, from + 1);
  }

  /** Takes what the instances decided. A failed reply means that the instance died in this window: its deliveries count as sent to a dead one (decision 8). */
  complete(plan: WindowPlan, replies: Map<InstanceId, Result<WindowReply, string>>): WindowOutcome {
    const { state } = this;
    const sends: (Outgoing & { source: InstanceId })[] = [];
    const ends: LifecyclePlan = { kill: [], wipe: [], spawn: [] };
    for (const instance of [...plan.deliver.keys()].sort()) {
      const reply = replies.get(instance) ?? { ok: false as const, error: 'no reply' };
      if (!reply.ok) {
        this.crash(plan, ends, instance, reply.error);
        continue;
      }
      const known = state.instances.get(instance);
      if (!known) continue;
      known.nextDue = reply.value.nextDue;
      known.nextSeq = reply.value.nextSeq;
      for (const event of reply.value.log) {
        state.open.push(event);
        if (event.type === 'instance.ready') this.ready(known, event.t);
      }
      for (const send of reply.value.sends) sends.push({ ...send, source: instance });
      const { stopped } = reply.value;
      if (stopped)
        state.agenda.push({
          t: stopped.t + state.lookahead,
          do: 'stop',
          instance,
          reason: stopped.reason,
          crashed: stopped.crashed === true,
        });
    }
    sends.sort(compareKeys);
    for (const send of sends) route(state, send);
    return this.settle(ends.kill);
  }

  private ready(known: InstanceState, t: VirtualTime): void {
    const { state } = this;
    known.ready = true;
    if (state.releases.has(known.node))
      state.agenda.push({ t: t + state.lookahead, do: 'release', instance: known.node });
  }

  private crash(plan: WindowPlan, ends: LifecyclePlan, instance: InstanceId, reason: string): void {
    const { state } = this;
    const input: Input = { at: plan.from, seq: state.inputSeq++, body: { kind: 'crash.observed', instance, reason } };
    state.recorded.push(input);
    applyInput(state, ends, input);
    for (const item of plan.deliver.get(instance)?.items ?? []) hand(state, plan, { ...item, to: instance });
    plan.deliver.delete(instance);
  }

  /** Events before the next thing that can happen are final. */
  private settle(kill: InstanceId[]): WindowOutcome {
    const { state } = this;
    const until = Math.min(this.nextDue() ?? Infinity, state.horizon);
    const final: LogEvent[] = [];
    const open: LogEvent[] = [];
    for (const event of state.open) (event.t < until ? final : open).push(event);
    state.open = open;
    const edgeReplies = state.edgeReplies;
    state.edgeReplies = [];
    return { events: final.sort(compareKeys), edgeReplies, kill };
  }

  /** Everything that is final once `plan(limit)` has returned null. */
  drain(): WindowOutcome {
    return this.settle([]);
  }
}
