import type { VirtualTime } from '../base/order.ts';
import type { Result } from '../base/result.ts';
import type { StoredRow } from '../storage/types.ts';
import type { ExecutableTopology } from '../topology/schema/types.ts';
import type { LogEvent } from './event.ts';
import type { Input, InputBody } from './input.ts';
import type { HttpReply, HttpRequest } from './message.ts';

/** The four things that make a run (3-architecture 2). */
export interface RunDefinition {
  documentId: string;
  topology: ExecutableTopology;
  /** Rows per database node that replace the initial rows of the document; absent = those of the document. */
  initialData: Record<string, StoredRow[]> | null;
  seed: number;
  inputs: Input[];
}

export type RunStatus = 'idle' | 'booting' | 'running' | 'paused' | 'stalled' | 'failed';
/** What the host knows of the clock; sent with every batch. */
export interface RunState {
  status: RunStatus;
  /** Virtual time up to which the log is complete: nothing later may be drawn. */
  now: VirtualTime;
  /** Virtual seconds per wall second; Infinity = max. */
  speed: number;
  /** Wall ms by which the run is late. */
  behindMs: number;
  events: number;
  inputs: number;
  /** Why it failed (a bug: seed and log can be downloaded). */
  failure: string | null;
  /** Instances that have not answered their window for a second. */
  slow?: string[];
  /** Why rows or log cannot be written to disk; the run goes on in memory. */
  storage?: string | null;
  /** Events whose text was given up for space; the hash still covers them. */
  droppedEvents?: number;
}
/** One message per frame to the page. */
export interface RunBatch {
  state: RunState;
  events: LogEvent[];
}

/** What a run offers to the application, whatever host performs it. All calls settle (deadline on each). */
export interface RunPort {
  open(definition: RunDefinition, options: { speed: number; play: boolean }): Promise<Result<RunState>>;
  close(): Promise<void>;
  play(): Promise<void>;
  pause(): Promise<void>;
  /** Runs to the end of the next instant that has events, then pauses. */
  step(): Promise<void>;
  setSpeed(speed: number): Promise<void>;
  /** Stamps and records an input. */
  inject(body: InputBody): Promise<Result<Input>>;
  /** A request from outside (the page's fetch): recorded input, real reply. Problems are problem+json replies, never rejections. */
  edge(node: string, request: HttpRequest): Promise<HttpReply>;
  /** sha256 over header and all final lines so far (decision 3). */
  hash(): Promise<{ sha256: string; events: number; until: VirtualTime }>;
  /** The NDJSON text, header first; from memory and spilled segments. */
  log(): Promise<string>;
  /** Recorded inputs, for sharing and replay. */
  inputs(): Promise<Input[]>;
  /** Durable rows of a store as IndexedDB has them, after a flush. */
  stored(store: string): Promise<StoredRow[]>;
  wipe(): Promise<void>;
  subscribe(listener: (batch: RunBatch) => void): () => void;
}
