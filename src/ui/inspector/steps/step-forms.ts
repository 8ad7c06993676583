import type { Step } from '../../../core/topology/schema/types.ts';
import type { TextKey } from '../../text/texts.ts';

export type StepKind = Step['do'];
/** How one field of a step is edited. */
export type StepField =
  | { at: string; kind: 'text'; label: TextKey; isOptional?: true; isMono?: true }
  | { at: string; kind: 'number'; label: TextKey; isOptional?: true; min?: number; max?: number }
  /** A number, or an expression that gives one. */
  | { at: string; kind: 'amount'; label: TextKey; isOptional?: true }
  | { at: string; kind: 'json'; label: TextKey; isOptional?: true; isObject?: true }
  | { at: string; kind: 'flag'; label: TextKey }
  | { at: string; kind: 'choice'; label: TextKey; options: readonly string[] }
  | { at: string; kind: 'store' | 'table' | 'service' | 'broker' | 'endpoint'; label: TextKey; isOptional?: true };

const as: StepField = { at: 'as', kind: 'text', label: 'steps.as', isMono: true };
const asOptional: StepField = { ...as, isOptional: true };
const store: StepField = { at: 'store', kind: 'store', label: 'steps.store', isOptional: true };
const table: StepField = { at: 'table', kind: 'table', label: 'steps.table' };
const where: StepField = { at: 'where', kind: 'json', label: 'steps.where', isObject: true };

/** The fields of every kind of step; inner steps are drawn by the list itself. A new kind without a form does not compile. */
export const STEP_FORMS = {
  insert: [store, table, { at: 'value', kind: 'json', label: 'steps.value', isObject: true }, asOptional],
  get: [
    store,
    table,
    { at: 'key', kind: 'json', label: 'steps.key' },
    as,
    { at: 'orFail', kind: 'text', label: 'steps.orFail', isOptional: true, isMono: true },
  ],
  find: [
    store,
    table,
    where,
    { at: 'orderBy', kind: 'text', label: 'steps.orderBy', isOptional: true, isMono: true },
    { at: 'descending', kind: 'flag', label: 'steps.descending' },
    { at: 'limit', kind: 'amount', label: 'steps.limit', isOptional: true },
    as,
  ],
  update: [
    store,
    table,
    where,
    { at: 'set', kind: 'json', label: 'steps.set', isOptional: true, isObject: true },
    { at: 'increment', kind: 'json', label: 'steps.increment', isOptional: true, isObject: true },
    asOptional,
  ],
  delete: [store, table, where, asOptional],
  call: [
    { at: 'to', kind: 'service', label: 'steps.to' },
    { at: 'endpoint', kind: 'endpoint', label: 'steps.endpoint' },
    { at: 'input.params', kind: 'json', label: 'steps.params', isOptional: true, isObject: true },
    { at: 'input.query', kind: 'json', label: 'steps.query', isOptional: true, isObject: true },
    { at: 'input.headers', kind: 'json', label: 'steps.headers', isOptional: true, isObject: true },
    { at: 'input.body', kind: 'json', label: 'steps.body', isOptional: true },
    { at: 'timeoutMs', kind: 'number', label: 'steps.timeoutMs', min: 1 },
    asOptional,
  ],
  publish: [
    { at: 'to', kind: 'broker', label: 'steps.to' },
    { at: 'key', kind: 'text', label: 'steps.routingKey', isMono: true },
    { at: 'type', kind: 'text', label: 'steps.eventType', isMono: true },
    { at: 'body', kind: 'json', label: 'steps.body' },
    { at: 'via', kind: 'choice', label: 'steps.via', options: ['direct', 'outbox'] },
  ],
  wait: [{ at: 'ms', kind: 'amount', label: 'steps.ms' }],
  set: [{ at: 'value', kind: 'json', label: 'steps.value' }, as],
  token: [
    { at: 'subject', kind: 'text', label: 'steps.subject', isMono: true },
    { at: 'audience', kind: 'json', label: 'steps.audience' },
    { at: 'scopes', kind: 'json', label: 'steps.scopes' },
    { at: 'claims', kind: 'json', label: 'steps.claims', isOptional: true, isObject: true },
    { at: 'ttlSeconds', kind: 'number', label: 'steps.ttlSeconds', isOptional: true, min: 1 },
    as,
  ],
  jwks: [as],
  respond: [
    { at: 'status', kind: 'amount', label: 'steps.status' },
    { at: 'headers', kind: 'json', label: 'steps.headers', isOptional: true, isObject: true },
    { at: 'body', kind: 'json', label: 'steps.body' },
  ],
  send: [{ at: 'body', kind: 'json', label: 'steps.body' }],
  fail: [
    { at: 'code', kind: 'text', label: 'steps.code', isMono: true },
    { at: 'message', kind: 'text', label: 'steps.message' },
    { at: 'status', kind: 'number', label: 'steps.status', isOptional: true, min: 400, max: 599 },
    { at: 'retriable', kind: 'flag', label: 'steps.retriable' },
  ],
  log: [
    { at: 'level', kind: 'choice', label: 'steps.level', options: ['debug', 'info', 'warn', 'error'] },
    { at: 'text', kind: 'text', label: 'steps.text' },
  ],
  choose: [],
  each: [
    { at: 'in', kind: 'text', label: 'steps.in', isMono: true },
    { at: 'item', kind: 'text', label: 'steps.item', isMono: true },
  ],
  parallel: [],
  try: [],
  transaction: [store],
} satisfies Record<StepKind, readonly StepField[]>;

export const STEP_KINDS = Object.keys(STEP_FORMS) as StepKind[];

/** The value at `a.b` of a step. */
export function readAt(step: Step, at: string): unknown {
  return at.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], step);
}

/** The step with another value at `a.b`; undefined takes the field out. */
export function writeAt(step: Step, at: string, value: unknown): Step {
  const [key = '', ...rest] = at.split('.');
  const record: Record<string, unknown> = { ...(step as unknown as Record<string, unknown>) };
  if (rest.length > 0) record[key] = writeAt((record[key] ?? {}) as Step, rest.join('.'), value);
  else if (value === undefined) delete record[key];
  else record[key] = value;
  return record as unknown as Step;
}
