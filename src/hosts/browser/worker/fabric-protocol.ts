import type { Result } from '../../../core/base/result.ts';
import type { VirtualTime } from '../../../core/base/order.ts';
import type { LogEvent } from '../../../core/fabric/event.ts';
import type { Input, InputBody } from '../../../core/fabric/input.ts';
import type { HttpReply, HttpRequest } from '../../../core/fabric/message.ts';
import type { RunBatch, RunDefinition, RunState } from '../../../core/fabric/run-api.ts';
import type { StoredRow } from '../../../core/storage/types.ts';

export interface OpenRequest {
  definition: RunDefinition;
  speed: number;
  play: boolean;
  /** Wall time of the start, ISO 8601, for the list of runs. */
  startedAt: string;
  runId: string;
  /** Off with `?debug`: a breakpoint in an instance is not a hang. */
  watchdog: boolean;
}

/** What the fabric worker serves to the page. Values that may be problems are nested Results: the outer one is the call. */
export interface FabricWorkerApi {
  open(request: OpenRequest): Promise<Result<Result<RunState>, string>>;
  play(): Promise<Result<null, string>>;
  pause(): Promise<Result<null, string>>;
  step(): Promise<Result<null, string>>;
  setSpeed(speed: number): Promise<Result<null, string>>;
  inject(body: InputBody): Promise<Result<Result<Input>, string>>;
  edge(node: string, request: HttpRequest): Promise<Result<HttpReply, string>>;
  hash(): Promise<Result<{ sha256: string; events: number; until: VirtualTime }, string>>;
  log(): Promise<Result<string, string>>;
  inputs(): Promise<Result<Input[], string>>;
  stored(store: string): Promise<Result<StoredRow[], string>>;
  acknowledge(events: number): Promise<Result<null, string>>;
  hidden(isHidden: boolean): Promise<Result<null, string>>;
  close(): Promise<Result<null, string>>;
}

/** A `RunBatch` on its way to the page: the events are lines of the log in one text, a newline behind each, which costs both threads less than a tree of objects. */
export interface TextBatch {
  state: RunState;
  events: string;
}
/** The batch as the page reads it. JSON holds no newline of its own, so that the lines become a list by changing the newlines alone. */
export const readBatch = ({ state, events }: TextBatch): RunBatch => ({
  state,
  events: JSON.parse(`[${events.slice(0, -1).replaceAll('\n', ',')}]`) as LogEvent[],
});

/** What the fabric worker says unasked; it has no `id`, so Comlink passes over it. */
export type FabricNotice = { notice: 'batch'; batch: TextBatch };
export const isFabricNotice = (data: unknown): data is FabricNotice =>
  typeof data === 'object' && data !== null && 'notice' in data;
