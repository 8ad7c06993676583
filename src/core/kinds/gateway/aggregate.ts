import { isObject, type Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { HttpReply } from '../../fabric/message.ts';
import type { Route } from '../../topology/types.ts';

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
  | { do: 'fetch'; key: string; part: string; index: number | null; to: string; method: string; path: string }
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
export function createAggregation(action: Aggregate, scope: Record<string, Json>, evaluate: Evaluate): Aggregation {
  const parts: Record<string, Json> = {};
  const warnings: Warning[] = [];
  const running = new Map<string, Running>();
  const open = new Map<string, { part: string; index: number | null }>();
  const isSequential = action.mode === 'sequential';
  let begun = 0;
  let isOver = false;

  /** A part's failure: the end for a required one, null and a warning for an optional one. */
  function failed(part: Part, failure: Failure, out: Command[]): boolean {
    if (part.required) {
      isOver = true;
      if (open.size > 0) out.push({ do: 'cancel', keys: [...open.keys()] });
      open.clear();
      out.push({ do: 'done', outcome: { ok: false, part: part.id, failure } });
      return true;
    }
    warnings.push({ part: part.id, code: failure.code, detail: failure.message });
    return false;
  }

  function fetch(state: Running, index: number | null, out: Command[]): void {
    const { part } = state;
    const item = index === null ? {} : { item: state.items?.[index] ?? null };
    const path = evaluate(part.path, { ...scope, parts: { ...parts }, ...item });
    state.asked += 1;
    if (!path.ok) {
      if (!failed(part, path.failure, out)) answered(state, index, null, out);
      return;
    }
    const key = index === null ? part.id : `${part.id}[${index}]`;
    open.set(key, { part: part.id, index });
    const text = typeof path.value === 'string' ? path.value : JSON.stringify(path.value);
    out.push({ do: 'fetch', key, part: part.id, index, to: part.to, method: part.method, path: text });
  }

  function begin(part: Part, out: Command[]): void {
    const state: Running = { part, items: null, asked: 0, answered: 0, values: [] };
    running.set(part.id, state);
    if (part.each === undefined) return fetch(state, null, out);
    const list = evaluate(part.each, { ...scope, parts: { ...parts } });
    const failure = list.ok ? listFailure(part, list.value, out) : list.failure;
    if (failure !== null) {
      if (!failed(part, failure, out)) finish(state, null, out);
      return;
    }
    state.items = list.ok ? (list.value as Json[]) : [];
    if (state.items.length === 0) return finish(state, [], out);
    const atOnce = isSequential ? 1 : state.items.length;
    for (let index = 0; index < atOnce && !isOver; index += 1) fetch(state, index, out);
  }

  function listFailure(part: Part, value: Json, out: Command[]): Failure | null {
    if (!Array.isArray(value)) return { code: 'expression_failed', message: `"each" of ${part.id} is no list` };
    if (value.length <= MAX_ITEMS) return null;
    const message = `"each" of ${part.id} has ${value.length} items, at most ${MAX_ITEMS}`;
    out.push({ do: 'limit', value: MAX_ITEMS, message });
    return { code: 'limit', message };
  }

  function answered(state: Running, index: number | null, value: Json, out: Command[]): void {
    if (index === null) return finish(state, value, out);
    state.values[index] = value;
    state.answered += 1;
    const total = state.items?.length ?? 0;
    if (state.answered === total) finish(state, state.values, out);
    else if (state.asked < total) fetch(state, state.asked, out);
  }

  function finish(state: Running, value: Json, out: Command[]): void {
    parts[state.part.id] = value;
    running.delete(state.part.id);
    if (isSequential && begun < action.parts.length) next(out);
    else if (begun === action.parts.length && running.size === 0 && !isOver) {
      isOver = true;
      out.push({ do: 'done', outcome: { ok: true, parts, warnings } });
    }
  }

  function next(out: Command[]): void {
    const part = action.parts[begun];
    begun += 1;
    if (part !== undefined) begin(part, out);
  }

  return {
    start() {
      const out: Command[] = [];
      if (isSequential) next(out);
      else while (begun < action.parts.length && !isOver) next(out);
      return out;
    },
    settle(key, result) {
      const out: Command[] = [];
      const from = open.get(key);
      const state = running.get(from?.part ?? '');
      if (from === undefined || state === undefined || isOver) return out;
      open.delete(key);
      if (result.ok) answered(state, from.index, result.value, out);
      else if (!failed(state.part, result.failure, out)) answered(state, from.index, null, out);
      return out;
    },
  };
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
