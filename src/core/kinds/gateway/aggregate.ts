import { isObject, type Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { HttpReply } from '../../fabric/message.ts';
import type { Route } from '../../topology/schema/types.ts';

export type Aggregate = Extract<Route['action'], { kind: 'aggregate' }>;
type Part = Aggregate['parts'][number];
export type Evaluate = (
  source: Json,
  scope: Record<string, Json>,
) => { ok: true; value: Json } | { ok: false; failure: Failure };

/** Items of one `each` part. */
export const MAX_ITEMS = 100;

export interface Warning {
  part: string;
  code: string;
  detail: string;
}
export type AggregateOutcome =
  | { ok: true; parts: Record<string, Json>; warnings: Warning[] }
  /** A required part failed: the whole request does. */
  | { ok: false; part: string; failure: Failure };

/** What the aggregation wants: `fetch` each answer by `settle(key, ...)`; `cancel` those still open; `done` once. */
export type Command =
  | { do: 'fetch'; key: string; part: Part; path: string }
  | { do: 'cancel'; keys: string[] }
  | { do: 'limit'; value: number; message: string }
  | { do: 'done'; outcome: AggregateOutcome };

interface Running {
  part: Part;
  /** Null = one value; else the list and how many are asked for. */
  items: Json[] | null;
  asked: number;
  answered: number;
  values: Json[];
}

/** One aggregated request: parts one after the other or all at once (GW15). Pure: it tells what to fetch and is told what came. */
export interface Aggregation {
  start(): Command[];
  settle(key: string, result: { ok: true; value: Json } | { ok: false; failure: Failure }): Command[];
}

/** Makes the aggregation of one request; `scope` is what templates see beside `parts` and `item`. */
export const createAggregation = (action: Aggregate, scope: Record<string, Json>, evaluate: Evaluate): Aggregation =>
  new RunningAggregation(action, scope, evaluate);

/** What stands in the place of an optional part, or of one of its items, that failed. */
const instead = (part: Part): Json => part.fallback ?? null;

class RunningAggregation implements Aggregation {
  private readonly action: Aggregate;
  private readonly scope: Record<string, Json>;
  private readonly evaluate: Evaluate;
  private readonly parts: Record<string, Json> = {};
  private readonly warnings: Warning[] = [];
  private readonly running = new Map<string, Running>();
  private readonly open = new Map<string, { part: string; index: number | null }>();
  private begun = 0;
  private isOver = false;
  private out: Command[] = [];

  constructor(action: Aggregate, scope: Record<string, Json>, evaluate: Evaluate) {
    this.action = action;
    this.scope = scope;
    this.evaluate = evaluate;
  }

  start(): Command[] {
    if (this.isSequential()) this.next();
    else while (this.begun < this.action.parts.length && !this.isOver) this.next();
    return this.takeOut();
  }

  settle(key: string, result: { ok: true; value: Json } | { ok: false; failure: Failure }): Command[] {
    const from = this.open.get(key);
    const state = this.running.get(from?.part ?? '');
    if (from === undefined || state === undefined || this.isOver) return [];
    this.open.delete(key);
    if (result.ok) this.answered(state, from.index, result.value);
    else if (!this.failed(state.part, result.failure)) this.answered(state, from.index, instead(state.part));
    return this.takeOut();
  }

  private takeOut(): Command[] {
    const { out } = this;
    this.out = [];
    return out;
  }

  private isSequential(): boolean {
    return this.action.mode === 'sequential';
  }

  private seen(): Record<string, Json> {
    return { ...this.scope, parts: { ...this.parts } };
  }

  private next(): void {
    const part = this.action.parts[this.begun];
    this.begun += 1;
    if (part !== undefined) this.begin(part);
  }

  private begin(part: Part): void {
    const state: Running = { part, items: null, asked: 0, answered: 0, values: [] };
    this.running.set(part.id, state);
    if (part.each === undefined) return this.fetch(state, null);
    const list = this.evaluate(part.each, this.seen());
    const failure = list.ok ? this.listFailure(part, list.value) : list.failure;
    if (failure !== null) {
      if (!this.failed(part, failure)) this.finish(state, instead(part));
      return;
    }
    state.items = list.ok ? (list.value as Json[]) : [];
    if (state.items.length === 0) return this.finish(state, []);
    const atOnce = this.isSequential() ? 1 : state.items.length;
    for (let index = 0; index < atOnce && !this.isOver; index += 1) this.fetch(state, index);
  }

  private listFailure(part: Part, value: Json): Failure | null {
    if (!Array.isArray(value)) return { code: 'expression_failed', message: `"each" of ${part.id} is no list` };
    if (value.length <= MAX_ITEMS) return null;
    const message = `"each" of ${part.id} has ${value.length} items, at most ${MAX_ITEMS}`;
    this.out.push({ do: 'limit', value: MAX_ITEMS, message });
    return { code: 'limit', message };
  }

  private fetch(state: Running, index: number | null): void {
    const { part } = state;
    const item = index === null ? {} : { item: state.items?.[index] ?? null };
    const path = this.evaluate(part.path, { ...this.seen(), ...item });
    state.asked += 1;
    if (!path.ok) {
      if (!this.failed(part, path.failure)) this.answered(state, index, instead(part));
      return;
    }
    const key = index === null ? part.id : `${part.id}[${index}]`;
    this.open.set(key, { part: part.id, index });
    const text = typeof path.value === 'string' ? path.value : JSON.stringify(path.value);
    this.out.push({ do: 'fetch', key, part, path: text });
  }

  /** A part's failure: the end for a required one (true), a warning for an optional one. */
  private failed(part: Part, failure: Failure): boolean {
    if (!part.required) {
      this.warnings.push({ part: part.id, code: failure.code, detail: failure.message });
      return false;
    }
    this.isOver = true;
    if (this.open.size > 0) this.out.push({ do: 'cancel', keys: [...this.open.keys()] });
    this.open.clear();
    this.out.push({ do: 'done', outcome: { ok: false, part: part.id, failure } });
    return true;
  }

  private answered(state: Running, index: number | null, value: Json): void {
    if (index === null) return this.finish(state, value);
    state.values[index] = value;
    state.answered += 1;
    const total = state.items?.length ?? 0;
    if (state.answered === total) this.finish(state, state.values);
    else if (state.asked < total) this.fetch(state, state.asked);
  }

  private finish(state: Running, value: Json): void {
    const { parts, warnings } = this;
    parts[state.part.id] = value;
    this.running.delete(state.part.id);
    if (this.isSequential() && this.begun < this.action.parts.length) this.next();
    else if (this.begun === this.action.parts.length && this.running.size === 0 && !this.isOver) {
      this.isOver = true;
      this.out.push({ do: 'done', outcome: { ok: true, parts, warnings } });
    }
  }
}

/** The value of a part's reply, or the failure that its status means: `http_<status>` from 400 up. */
export function partResult(reply: HttpReply): { ok: true; value: Json } | { ok: false; failure: Failure } {
  const value = parseJson(reply.body);
  if (reply.status < 400) return { ok: true, value };
  return {
    ok: false,
    failure: { code: `http_${reply.status}`, message: `HTTP ${reply.status}`, status: reply.status, body: value },
  };
}

/** JSON when it is JSON, else the text itself; nothing is null. */
export function parseJson(text: string | null): Json {
  if (text === null || text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** The body with its warnings, which only an object can carry. */
export const withWarnings = (body: Json, warnings: readonly Warning[]): Json =>
  warnings.length > 0 && isObject(body) ? { ...body, warnings: warnings.map((warning) => ({ ...warning })) } : body;
