import { Heap } from '../base/heap.ts';
import type { Json } from '../base/json.ts';
import { EventClass, eventId, type VirtualTime } from '../base/order.ts';
import { hexId, random } from '../base/random.ts';
import { assert, err, ok, type Result } from '../base/result.ts';
import type { EventBody, LogEvent } from './event.ts';
import { wallUs } from './faults.ts';
import type { HostEffect, HostEffectResult, HostPerformer } from './host-effect.ts';
import type {
  Actor,
  ActorFactory,
  ActorPort,
  Delivery,
  InstanceApi,
  InstanceInit,
  Outgoing,
  WindowReply,
  WindowRequest,
} from './protocol.ts';

interface Timer {
  t: VirtualTime;
  handle: number;
  token: Json;
}

/** Everything one instance decided in one window; handed over and begun anew. */
interface Plan {
  sends: Outgoing[];
  log: LogEvent[];
  stopped: WindowReply['stopped'];
}

interface PendingEffect {
  effect: HostEffect;
  done(result: HostEffectResult): void;
}
/** One window under way: yields the effects that the host has to perform before anything else is handled, gets their results. */
type WindowRun = Generator<readonly PendingEffect[], WindowReply, readonly HostEffectResult[]>;
type Replied = Result<WindowReply, string>;

const failed = (error: unknown): Replied =>
  err(error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** Goes on with a window; an actor that throws ends it with the reason. */
function advance(run: WindowRun, results: readonly HostEffectResult[]): readonly PendingEffect[] | Replied {
  try {
    const step = run.next(results);
    return step.done === true ? ok(step.value) : step.value;
  } catch (error) {
    return failed(error);
  }
}
const isReply = (step: readonly PendingEffect[] | Replied): step is Replied => 'ok' in step;

async function finish(run: WindowRun, pending: readonly PendingEffect[], perform: HostPerformer): Promise<Replied> {
  for (let asked = pending; ;) {
    let results: HostEffectResult[];
    try {
      results = await Promise.all(asked.map(({ effect }) => perform(effect)));
    } catch (error) {
      return failed(error);
    }
    const step = advance(run, results);
    if (isReply(step)) return step;
    asked = step;
  }
}

/**
 * Runs one instance: merges what is delivered with its own timers by the one key, and collects what it decides.
 * The same object stands behind a Web Worker, the virtual host and the tests. An actor that throws ends in `err(reason)`.
 * `deliver` answers at once, unless the actor asked for a host effect: then it answers when `perform` has carried it out.
 */
export function createInstanceRunner(
  factoryOf: (kind: InstanceInit['record']['kind']) => ActorFactory,
  perform?: HostPerformer,
): InstanceApi & {
  start(init: InstanceInit): ReturnType<InstanceApi['start']>;
} {
  let running: Running | null = null;
  return {
    start(init) {
      running = new Running(init, factoryOf(init.record.kind));
      return ok({ nextDue: null });
    },
    deliver(window) {
      if (!running) return err('instance was not started');
      const run = running.run(window);
      const step = advance(run, []);
      if (isReply(step)) return step;
      // Not the actor's fault: whoever put this host together forgot a part of it.
      assert(perform !== undefined, `a host without performer was asked for ${step[0]?.effect.do}`);
      return finish(run, step, perform);
    },
    inspect(query) {
      return running ? ok(running.actor.inspect(query)) : err('instance was not started');
    },
  };
}

class Running implements ActorPort {
  readonly actor: Actor;
  init: InstanceInit;
  private t: VirtualTime;
  private current: 0 | 1 | 2 | 3 = EventClass.lifecycle;
  private seq: number;
  private handles = 0;
  private readonly timers = new Heap<Timer>((a, b) => a.t - b.t || a.handle - b.handle);
  private readonly live = new Set<number>();
  private plan: Plan = { sends: [], log: [], stopped: null };
  private asked: PendingEffect[] = [];

  constructor(init: InstanceInit, factory: ActorFactory) {
    this.init = init;
    this.t = init.startedAt;
    this.seq = init.nextSeq;
    this.actor = factory(this);
  }

  /** `to === from` is one-event mode: exactly the items, or one timer (decision 2's property test). */
  *run(window: WindowRequest): WindowRun {
    const single = window.to === window.from;
    let next = 0;
    for (;;) {
      const item = window.items[next];
      const timer = this.nextTimer();
      const timerFirst =
        timer !== undefined &&
        item?.body.type !== 'resumed' &&
        (single ? !item : timer.t < window.to) &&
        (!item || precedes(timer, item));
      if (timerFirst) {
        this.timers.pop();
        this.live.delete(timer.handle);
        this.enter(timer.t, EventClass.timer);
        this.actor.timer(timer.token);
        if (this.asked.length > 0) yield* this.settle();
        if (single) break;
      } else if (item) {
        next++;
        this.enter(item.t, item.class);
        this.adopt(item);
        if (item.body.type === 'resumed') this.catchUp();
        else this.actor.receive(item.body);
        if (this.asked.length > 0) yield* this.settle();
        if (single && next === window.items.length) break;
      } else break;
    }
    const { sends, log, stopped } = this.plan;
    this.plan = { sends: [], log: [], stopped: null };
    return { sends, log, stopped, nextDue: this.nextTimer()?.t ?? null, nextSeq: this.seq };
  }

  /** What was asked of the host, and what its answers lead to, is done before time goes on: results in the order asked. */
  private *settle(): Generator<readonly PendingEffect[], void, readonly HostEffectResult[]> {
    while (this.asked.length > 0) {
      const asked = this.asked;
      this.asked = [];
      const results = yield asked;
      asked.forEach((one, index) => {
        const result = results[index];
        assert(result !== undefined, `the host answers ${one.effect.do}`);
        one.done(result);
      });
    }
  }

  /** The port's view of the world is renewed before the actor hears of it. */
  private adopt(item: Delivery): void {
    if (item.body.type === 'reconfigure') {
      this.init = { ...this.init, record: item.body.record, peers: item.body.peers };
    } else if (item.body.type === 'faults') {
      this.init = { ...this.init, faults: item.body.faults };
    }
  }

  /** After standing still: what was due meanwhile fires now, one after the other in the order in which it was due. */
  private catchUp(): void {
    const overdue: Timer[] = [];
    for (let timer = this.nextTimer(); timer && timer.t < this.t; timer = this.nextTimer()) {
      this.timers.pop();
      overdue.push(timer);
    }
    overdue.forEach((timer, rank) => this.timers.push({ ...timer, t: this.t + rank }));
  }

  private enter(t: VirtualTime, eventClass: 0 | 1 | 2 | 3): void {
    this.t = t;
    this.current = eventClass;
  }

  private nextTimer(): Timer | undefined {
    for (;;) {
      const top = this.timers.peek();
      if (!top || this.live.has(top.handle)) return top;
      this.timers.pop();
    }
  }

  now(): VirtualTime {
    return this.t;
  }
  random(purpose: string, ...parts: (string | number)[]): number {
    return random(this.init.seed, purpose, ...parts);
  }
  hexId(purpose: string, digits: 16 | 32, ...parts: (string | number)[]): string {
    return hexId(this.init.seed, digits, purpose, this.init.instance, this.init.incarnation, ...parts);
  }
  send(message: Omit<Outgoing, 't' | 'class' | 'seq'>): string {
    const seq = this.seq;
    // The second number belongs to the refusal that the network may have to report.
    this.seq += 2;
    this.plan.sends.push({ ...message, t: this.t, class: this.current, seq });
    return eventId({ source: this.init.instance, seq });
  }
  after(delayUs: number, token: Json): number {
    assert(Number.isFinite(delayUs), `a timer of ${delayUs} µs (${this.init.instance})`);
    const handle = ++this.handles;
    this.live.add(handle);
    // At least 1 µs, so that nothing scheduled at t can come before what is being handled at t.
    this.timers.push({ t: this.t + Math.max(1, Math.round(delayUs)), handle, token });
    return handle;
  }
  cancel(timer: number): void {
    this.live.delete(timer);
  }
  emit(body: EventBody): void {
    const wall = body.type === 'log' ? wallUs(this) : this.t;
    const told = wall === this.t ? body : { ...body, wall };
    this.plan.log.push({ t: this.t, class: this.current, source: this.init.instance, seq: this.seq++, ...told });
  }
  perform(effect: HostEffect, done: (result: HostEffectResult) => void): void {
    this.asked.push({ effect, done });
  }
  stop(reason: string, crashed = false): void {
    this.plan.stopped ??= { t: this.t, reason, ...(crashed ? { crashed } : {}) };
  }
}

const precedes = (timer: Timer, item: Delivery): boolean =>
  timer.t < item.t || (timer.t === item.t && EventClass.timer < item.class);
