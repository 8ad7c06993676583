import type { VirtualTime } from '../../core/base/order.ts';
import { err, type Result } from '../../core/base/result.ts';
import { createTextHash, type TextHash } from '../../core/base/sha256.ts';
import { Fabric, type WindowPlan, type WindowSize } from '../../core/fabric/fabric.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { Input, InputBody } from '../../core/fabric/input.ts';
import type { HostPerformer } from '../../core/fabric/host-effect.ts';
import { createInstanceRunner } from '../../core/fabric/instance-runner.ts';
import type { HttpReply, InstanceId } from '../../core/fabric/message.ts';
import type { ActorFactory, InstanceApi, InstanceInit, WindowReply } from '../../core/fabric/protocol.ts';
import type { RunDefinition } from '../../core/fabric/run-api.ts';
import { createGrpcSide } from '../../core/kinds/service/grpc-side.ts';
import { useGrpc } from '../../core/kinds/service/grpc-slot.ts';
import type { StoredRow } from '../../core/storage/types.ts';
import { actorFactories } from '../../core/kinds/index.ts';

export interface VirtualOptions {
  windowSize?: WindowSize;
  /** Keeps the events in `events`; off for long runs that only want the hash. */
  keep?: boolean;
  /** `false`: no line is written and nothing hashed, for those who read events alone; `sha256` is refused then. Else makes the platform's own sha256, where it has a faster one: the digits are the same. */
  hash?: false | (() => TextHash);
  /** Sees every final event in order. */
  onEvent?: (event: LogEvent, line: string) => void;
  factories?: (kind: InstanceInit['record']['kind']) => ActorFactory;
  /** Carries out host effects (signatures); a run that needs one is driven by `runUntilAsync`. */
  perform?: HostPerformer;
}

type Replied = Result<WindowReply, string>;

/** Durable rows of one store in memory: what IndexedDB is in the tab. */
type MemoryStore = Map<string, StoredRow>;
const rowId = (row: { table: string; key: string }): string => `${row.table}\u0000${row.key}`;

/** The whole run in this thread, in virtual time, as fast as possible: same core, same log bytes as the tab. */
export class VirtualRun {
  readonly fabric: Fabric;
  readonly events: LogEvent[] = [];
  readonly edgeReplies = new Map<number, HttpReply>();
  count = 0;
  private readonly hash: TextHash | null;
  private readonly runners = new Map<InstanceId, InstanceApi>();
  private readonly stores = new Map<string, MemoryStore>();
  private readonly options: VirtualOptions;

  constructor(definition: RunDefinition, options: VirtualOptions = {}) {
    this.options = options;
    useGrpc(createGrpcSide);
    this.fabric = new Fabric(definition, options.windowSize ? { windowSize: options.windowSize } : {});
    this.hash = options.hash === false ? null : (options.hash ?? createTextHash)();
    this.hash?.update(`${this.fabric.header()}\n`);
  }

  /** Runs until everything before `until` (µs) is final. Throws when an instance needs a host effect: then only `runUntilAsync` can go on. */
  runUntil(until: VirtualTime): void {
    if (this.windows(until).next().done !== true)
      throw new Error('Failed to run synchronously: an instance needs a host effect (use runUntilAsync)');
  }

  /** `runUntil` that waits for host effects, and only for them; the log is the same. */
  async runUntilAsync(until: VirtualTime): Promise<void> {
    const windows = this.windows(until);
    for (let step = windows.next(); step.done !== true;) step = windows.next(await step.value);
  }

  /** Yields the replies that have to be waited for. */
  private *windows(until: VirtualTime): Generator<Promise<Replied>, void, Replied> {
    for (let plan = this.fabric.plan(until); plan; plan = this.fabric.plan(until)) {
      this.lifecycle(plan);
      const replies = new Map<InstanceId, Replied>();
      for (const [instance, request] of plan.deliver) {
        const runner = this.runners.get(instance);
        const reply = runner?.deliver(request) ?? err('instance has no runner');
        replies.set(instance, reply instanceof Promise ? yield reply : reply);
      }
      this.take(this.fabric.complete(plan, replies));
    }
    this.take(this.fabric.drain());
  }

  inject(body: InputBody): Input {
    const result = this.fabric.inject(body);
    if (!result.ok) throw new Error(result.error.map((p) => p.message).join('; '));
    return result.value;
  }

  /** Durable rows of a store as the log has them, sorted by table and key. */
  stored(store: string): StoredRow[] {
    const rows = [...(this.stores.get(store)?.values() ?? [])];
    return rows.sort((a, b) => (rowId(a) < rowId(b) ? -1 : 1));
  }

  sha256(): string {
    if (this.hash === null) throw new Error('Failed to hash: this run was told not to');
    return this.hash.digest();
  }

  private lifecycle(plan: WindowPlan): void {
    for (const instance of plan.kill) this.runners.delete(instance);
    for (const node of plan.wipe) this.stores.delete(node);
    for (const { init, recover } of plan.spawn) {
      const runner = createInstanceRunner(
        this.options.factories ?? ((kind) => actorFactories[kind]),
        this.options.perform,
      );
      void runner.start(recover ? { ...init, stored: this.stored(init.node) } : init);
      this.runners.set(init.instance, runner);
    }
  }

  private take(outcome: {
    events: LogEvent[];
    edgeReplies: { input: number; reply: HttpReply }[];
    kill: InstanceId[];
  }): void {
    for (const instance of outcome.kill) this.runners.delete(instance);
    for (const { input, reply } of outcome.edgeReplies) this.edgeReplies.set(input, reply);
    for (const event of outcome.events) {
      this.count++;
      if (event.type === 'store.applied') this.apply(event);
      if (this.options.keep !== false) this.events.push(event);
      this.write(event);
    }
  }

  private write(event: LogEvent): void {
    if (this.hash === null && !this.options.onEvent) return;
    const line = this.fabric.encode(event);
    this.hash?.update(line);
    this.hash?.update('\n');
    this.options.onEvent?.(event, line);
  }

  private apply({ store, table, key, after }: Extract<LogEvent, { type: 'store.applied' }>): void {
    const rows: MemoryStore = this.stores.get(store) ?? new Map<string, StoredRow>();
    this.stores.set(store, rows);
    if (after === null) rows.delete(rowId({ table, key }));
    else rows.set(rowId({ table, key }), { table, key, row: after });
  }
}

/** One run from start to `until` (µs). */
export function runVirtual(definition: RunDefinition, until: VirtualTime, options: VirtualOptions = {}): VirtualRun {
  const run = new VirtualRun(definition, options);
  run.runUntil(until);
  return run;
}

/** One run from start to `until` (µs) of a document whose instances may need host effects, such as signatures. */
export async function runVirtualAsync(
  definition: RunDefinition,
  until: VirtualTime,
  options: VirtualOptions & { perform: HostPerformer },
): Promise<VirtualRun> {
  const run = new VirtualRun(definition, options);
  await run.runUntilAsync(until);
  return run;
}
