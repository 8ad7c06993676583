import type { VirtualTime } from '../../../core/base/order.ts';
import type { Result } from '../../../core/base/result.ts';
import type { LogEvent } from '../../../core/fabric/event.ts';
import type { Fabric, WindowOutcome, WindowPlan } from '../../../core/fabric/fabric.ts';
import type { Input, InputBody } from '../../../core/fabric/input.ts';
import type { HttpReply, HttpRequest, InstanceId } from '../../../core/fabric/message.ts';
import { fallBehind, startPace, tick, type Pace } from '../../../core/fabric/pace.ts';
import type { WindowReply } from '../../../core/fabric/protocol.ts';
import type { RunStatus } from '../../../core/fabric/run-api.ts';
import { reasonOf } from '../rpc.ts';
import { problemReply, type EdgeDesk } from './edge-desk.ts';

/** Wall ms between two looks at the clock: an input waits at most this long at any speed (decision 6). */
const TICK_MS = 16;
/** How far one plan may look at full speed; windows are shorter, it only bounds the empty ones. µs */
const FULL_SPEED_US = 1_000_000;

/** What the loop drives; the fabric decides, these perform. */
export interface LoopParts {
  fabric: Fabric;
  edge: EdgeDesk;
  perform(plan: WindowPlan): Promise<Map<InstanceId, Result<WindowReply, string>>>;
  bury(instances: readonly InstanceId[], at: VirtualTime): void;
  /** Final events, in order. */
  take(events: LogEvent[]): void;
  /** Not null: the run has to wait for it (the page, the disk). Settles when it may go on. */
  obstacle(): Promise<void> | null;
  changed(): void;
}

type Mode = 'play' | 'pause' | 'step';

/** Plan, deliver, complete, at the pace of the wall clock. One window at a time; commands take effect between two of them. */
export class FabricLoop {
  private readonly parts: LoopParts;
  private mode: Mode = 'pause';
  private pace: Pace;
  private driving: Promise<void> | null = null;
  private wake: (() => void) | null = null;
  private isStalled = false;
  private isClosed = false;
  private failed: string | null = null;
  private setBooted: () => void = () => undefined;
  /** Settles when the boot is over, or will never be. */
  readonly booted = new Promise<void>((resolve) => void (this.setBooted = resolve));
  private speedWanted: number;

  constructor(parts: LoopParts, speed: number) {
    this.parts = parts;
    this.speedWanted = speed;
    this.pace = startPace(0, performance.now(), speed);
  }

  /** The log is final before this. */
  get reached(): VirtualTime {
    const { fabric } = this.parts;
    return Math.min(fabric.nextDue() ?? Infinity, fabric.horizon);
  }
  get speed(): number {
    return this.speedWanted;
  }
  get behindMs(): number {
    return Math.round(this.pace.behindMs);
  }
  get failure(): string | null {
    return this.failed;
  }
  get status(): RunStatus {
    if (this.failed !== null) return 'failed';
    if (this.isStalled) return 'stalled';
    if (this.parts.fabric.horizon < 0) return 'booting';
    return this.isMoving ? 'running' : 'paused';
  }
  /** Boot is not paced and not paused; a request from outside plays a paused run until its reply (decision 8). */
  private get isMoving(): boolean {
    if (this.isClosed || this.failed !== null) return false;
    return this.mode !== 'pause' || this.parts.fabric.horizon < 0 || this.parts.edge.open > 0;
  }

  play(): void {
    this.mode = 'play';
    this.start();
  }
  /** Settles when nothing is outstanding any more. */
  async pause(): Promise<void> {
    this.mode = 'pause';
    this.wake?.();
    if (!this.isMoving) await this.driving;
    this.parts.changed();
  }
  /** To the end of the next instant that has events, then paused. */
  async step(): Promise<void> {
    await this.pause();
    this.mode = 'step';
    this.start();
    await this.driving;
  }
  setSpeed(speed: number): void {
    this.speedWanted = speed;
    this.anchor();
    this.wake?.();
    this.parts.changed();
  }
  inject(body: InputBody): Result<Input> {
    const input = this.parts.fabric.inject(body);
    if (body.kind === 'cancel') this.parts.edge.forget(body.input);
    if (this.isMoving) this.wake?.();
    return input;
  }
  /** A recorded input and its reply. While the system boots the request waits for t = 0: nobody would be there to take it. */
  async request(node: string, request: HttpRequest): Promise<HttpReply> {
    await this.booted;
    if (this.isClosed || this.failed !== null) return problemReply(503, 'RUN_STOPPED', 'the run has ended');
    const input = this.parts.fabric.inject({ kind: 'request', node, request });
    if (!input.ok) throw new Error(input.error.map((problem) => problem.message).join('; '));
    const reply = this.parts.edge.wait(input.value.seq);
    if (this.driving === null) this.start();
    else this.wake?.();
    return reply;
  }
  /** Begins with boot: registration and readiness run as fast as they can, then the run plays or pauses. */
  open(play: boolean): void {
    this.mode = play ? 'play' : 'pause';
    this.start();
  }
  async close(): Promise<void> {
    this.isClosed = true;
    this.setBooted();
    this.wake?.();
    await this.driving;
  }

  private anchor(): void {
    const { behindMs } = this.pace;
    this.pace = { ...startPace(Math.max(0, this.parts.fabric.horizon), performance.now(), this.speedWanted), behindMs };
  }

  private start(): void {
    this.anchor();
    this.driving ??= this.drive()
      .catch((error: unknown) => {
        // A broken promise between our own parts: shown with seed and log to download, never swallowed.
        this.failed = reasonOf(error);
      })
      .finally(() => {
        this.driving = null;
        if (this.failed !== null) this.setBooted();
        // Something may have been asked for after the loop had looked for the last time.
        if (this.isMoving) this.start();
        this.parts.changed();
      });
    this.parts.changed();
  }

  private async drive(): Promise<void> {
    let isBooting = this.parts.fabric.horizon < 0;
    while (this.isMoving) {
      const obstacle = this.parts.obstacle();
      if (obstacle !== null) {
        await this.stall(obstacle);
        continue;
      }
      if (!isBooting && this.mode === 'step') {
        await this.oneInstant();
        this.mode = 'pause';
        continue;
      }
      const plan = this.parts.fabric.plan(this.limit());
      if (plan !== null) await this.window(plan);
      else {
        this.take(this.parts.fabric.drain());
        if (!isBooting) await this.sleep();
        else if (this.parts.fabric.horizon >= 0) {
          isBooting = false;
          this.setBooted();
          this.anchor();
        }
      }
    }
  }

  private limit(): VirtualTime {
    const { fabric } = this.parts;
    if (fabric.horizon < 0) return 0;
    const { target, pace } = tick(this.pace, performance.now());
    this.pace = fallBehind(pace, fabric.horizon);
    if (target !== Infinity) return target;
    return Math.max(fabric.nextDue() ?? 0, fabric.horizon) + FULL_SPEED_US;
  }

  private async window(plan: WindowPlan): Promise<void> {
    const replies = await this.parts.perform(plan);
    const outcome = this.parts.fabric.complete(plan, replies);
    this.parts.bury(outcome.kill, plan.from);
    this.take(outcome);
    // Without a delivery nothing was awaited but promises: let messages and timers in.
    if (plan.deliver.size === 0) await nextTask();
  }

  private take(outcome: WindowOutcome): void {
    this.parts.take(outcome.events);
    this.parts.edge.answer(outcome.edgeReplies);
  }

  private async oneInstant(): Promise<void> {
    const { fabric } = this.parts;
    for (let due = fabric.nextDue(); due !== null && !this.isClosed; due = fabric.nextDue()) {
      let isEmpty = true;
      const note = (outcome: WindowOutcome): void => {
        isEmpty &&= outcome.events.length === 0;
        this.take(outcome);
      };
      for (let plan = fabric.plan(due + 1); plan !== null; plan = fabric.plan(due + 1)) {
        const replies = await this.parts.perform(plan);
        const outcome = fabric.complete(plan, replies);
        this.parts.bury(outcome.kill, plan.from);
        note(outcome);
      }
      note(fabric.drain());
      if (!isEmpty) return;
      await nextTask();
    }
  }

  private async stall(obstacle: Promise<void>): Promise<void> {
    this.isStalled = true;
    this.parts.changed();
    await Promise.race([obstacle, this.sleepUntilWoken()]);
    this.isStalled = false;
    this.anchor();
    this.parts.changed();
  }

  private async sleep(): Promise<void> {
    // At full speed only a run in which nothing will ever happen again has time to sleep.
    if (this.pace.speed === Infinity && this.parts.fabric.nextDue() !== null) return nextTask();
    const timer = setTimeout(() => this.wake?.(), TICK_MS);
    await this.sleepUntilWoken();
    clearTimeout(timer);
  }
  private sleepUntilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = null;
        resolve();
      };
    });
  }
}

/** After everything that is already queued in this thread: messages of the page, timers. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
