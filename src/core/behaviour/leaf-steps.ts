import { canonicalize } from '../base/canonical.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { random, uuid } from '../base/random.ts';
import type { DbOp, WhereClause } from '../fabric/message.ts';
import { fillTemplate, formatQuery } from '../http/path.ts';
import type { LeafStep } from '../topology/schema/types.ts';
import type { Effect, EffectResult, Failure } from './effect.ts';
import {
  evaluate,
  evaluateExpression,
  evaluateNumber,
  evaluateRecord,
  evaluateText,
  StepFailure,
  type Frame,
} from './frame.ts';
import { outboxRow } from './outbox.ts';

type Step<D extends LeafStep['do']> = Extract<LeafStep, { do: D }>;
/** Yields what the step wants; returns its value; throws StepFailure. */
type Leaf = Generator<Effect, Json, EffectResult>;

function* ask(effect: Effect): Leaf {
  const result = yield effect;
  if (result.ok) return result.value;
  throw new StepFailure(result.failure);
}

const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
const texts = (record: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.keys(record).map((key) => [key, text(record[key] as Json)]));

function storeOf(frame: Frame, store: string | undefined): string {
  const id = store ?? frame.tx?.store ?? frame.world.ownedStore;
  if (id === null)
    throw new StepFailure({ code: 'no_store', message: `${frame.host.node} owns no database`, retriable: false });
  return id;
}
/** Statements join the open transaction when it is on the same store. */
const inTx = (frame: Frame, store: string): { tx?: string } => (frame.tx?.store === store ? { tx: frame.tx.id } : {});

function whereOf(frame: Frame, path: string, where: Step<'find'>['where']): WhereClause {
  const out: WhereClause = {};
  for (const column of Object.keys(where)) {
    const condition = where[column];
    const at = `${path}.where.${column}`;
    out[column] = isObject(condition)
      ? evaluateRecord(frame, at, condition as JsonObject)
      : { eq: evaluate(frame, at, (condition ?? null) as Json) };
  }
  return out;
}

function* query(path: string, store: string, op: DbOp): Leaf {
  return yield* ask({ do: 'db', path, store, query: op });
}

function* get(frame: Frame, path: string, step: Step<'get'>): Leaf {
  const store = storeOf(frame, step.store);
  const key = evaluate(frame, path, step.key);
  const row = yield* query(path, store, { op: 'get', ...inTx(frame, store), table: step.table, key });
  if (row !== null || step.orFail === undefined) return row;
  throw new StepFailure({
    code: step.orFail,
    message: `no row ${text(key)} in ${step.table}`,
    status: 404,
    retriable: false,
  });
}

function* find(frame: Frame, path: string, step: Step<'find'>): Leaf {
  const store = storeOf(frame, step.store);
  return yield* query(path, store, {
    op: 'find',
    ...inTx(frame, store),
    table: step.table,
    where: whereOf(frame, path, step.where),
    ...(step.orderBy === undefined ? {} : { orderBy: step.orderBy }),
    ...(step.descending === undefined ? {} : { descending: step.descending }),
    ...(step.limit === undefined ? {} : { limit: evaluateNumber(frame, path, step.limit) }),
  });
}

function* update(frame: Frame, path: string, step: Step<'update'>): Leaf {
  const store = storeOf(frame, step.store);
  const set = evaluateRecord(frame, `${path}.set`, step.set ?? {});
  const increment = evaluateRecord(frame, `${path}.increment`, step.increment ?? {});
  const where = whereOf(frame, path, step.where);
  return yield* query(path, store, {
    op: 'update',
    ...inTx(frame, store),
    table: step.table,
    where,
    set,
    increment,
  });
}

/** A status that is not OK comes back as a failure already. */
function* callRpc(frame: Frame, path: string, step: Step<'call'>, rpc: string): Leaf {
  const metadata = texts(evaluateRecord(frame, `${path}.headers`, step.input.headers ?? {}));
  const body = step.input.body === undefined ? {} : evaluate(frame, path, step.input.body);
  const { to, timeoutMs } = step;
  const compensates = step.compensates !== undefined;
  return yield* ask({ do: 'grpc', path, to, rpc, metadata, body, timeoutMs, compensates });
}

function* call(frame: Frame, path: string, step: Step<'call'>): Leaf {
  const rpc = frame.world.rpc(step.to, step.endpoint);
  if (rpc !== null) return yield* callRpc(frame, path, step, rpc);
  const endpoint = frame.world.endpoint(step.to, step.endpoint);
  if (!endpoint)
    throw new StepFailure({
      code: 'no_endpoint',
      message: `${step.to} has no endpoint ${step.endpoint}`,
      retriable: false,
    });
  const params = texts(evaluateRecord(frame, `${path}.params`, step.input.params ?? {}));
  const target = fillTemplate(endpoint.path, params);
  if (target === null)
    throw new StepFailure({ code: 'bad_params', message: `${endpoint.path} lacks a parameter`, retriable: false });
  const headers = texts(evaluateRecord(frame, `${path}.headers`, step.input.headers ?? {}));
  const body = step.input.body === undefined ? null : canonicalize(evaluate(frame, path, step.input.body));
  const reply = yield* ask({
    do: 'call',
    path,
    to: step.to,
    method: endpoint.method,
    target: target + formatQuery(texts(evaluateRecord(frame, `${path}.query`, step.input.query ?? {}))),
    headers: body === null ? headers : { 'content-type': 'application/json', ...headers },
    body,
    timeoutMs: step.timeoutMs,
    compensates: step.compensates !== undefined,
  });
  const status = isObject(reply) && typeof reply['status'] === 'number' ? reply['status'] : 0;
  if (status < 400) return reply;
  const replied: Failure = {
    code: `http_${status}`,
    message: `${step.to} answered ${status} to ${endpoint.method} ${target}`,
    status,
    retriable: status >= 500,
  };
  throw new StepFailure(isObject(reply) ? { ...replied, body: reply['body'] ?? null } : replied);
}

/** A call, or what the policy binds instead of a reply when everything failed; that sees the failure as `error`, as a `catch` does. */
function* callOrFallback(frame: Frame, path: string, step: Step<'call'>): Leaf {
  try {
    return yield* call(frame, path, step);
  } catch (thrown) {
    const fallback = step.policy?.fallback;
    if (!(thrown instanceof StepFailure) || fallback === undefined) throw thrown;
    const { code, message, status, body } = thrown.failure;
    const error = { code, message, status: status ?? null, body: body ?? null };
    const value = evaluate({ ...frame, scope: { ...frame.scope, error } }, `${path}.fallback`, fallback);
    yield { do: 'log', path, level: 'warn', text: `fallback of ${path} used: ${message}` };
    return { status: 200, headers: {}, body: value, text: canonicalize(value) };
  }
}

function* publish(frame: Frame, path: string, step: Step<'publish'>): Leaf {
  const { host } = frame;
  const messageId = uuid(host.seed, 'message', host.traceId, host.node, host.spanId, path, host.attempt);
  const key = evaluateText(frame, path, step.key);
  const body = evaluate(frame, path, step.body);
  const compensates = step.compensates !== undefined;
  if (step.via === 'direct')
    return yield* ask({ do: 'publish', path, to: step.to, key, type: step.type, body, messageId, compensates });
  const store = storeOf(frame, undefined);
  const saga = host.saga && compensates ? { ...host.saga, direction: 'compensation' as const } : host.saga;
  const { traceId, spanId } = host;
  const createdAt = host.nowText();
  const row = outboxRow({
    id: messageId,
    broker: step.to,
    key,
    type: step.type,
    body,
    traceId,
    spanId,
    path,
    saga,
    createdAt,
    ordinal: frame.fuel.published++,
  });
  yield* query(path, store, { op: 'insert', ...inTx(frame, store), table: 'outbox', row });
  if (frame.tx?.store === store) frame.tx.outbox.push(messageId);
  else yield { do: 'outbox', store, ids: [messageId] };
  return null;
}

/** A list of texts, or one text with spaces between them. */
const words = (value: Json): string[] =>
  (Array.isArray(value) ? value.map(text) : text(value).split(' ')).filter((word) => word !== '');

function* token(frame: Frame, path: string, step: Step<'token'>): Leaf {
  const { host } = frame;
  const { audience, scopes } = step;
  const to = evaluate(frame, `${path}.audience`, audience);
  const order = {
    subject: evaluateText(frame, `${path}.subject`, step.subject),
    audience: Array.isArray(to) ? to.map(text) : [text(to)],
    scopes: words(
      typeof scopes === 'string'
        ? evaluateExpression(frame, `${path}.scopes`, scopes)
        : evaluate(frame, `${path}.scopes`, scopes),
    ),
    claims: evaluateRecord(frame, `${path}.claims`, step.claims ?? {}),
    ttlSeconds: step.ttlSeconds ?? null,
    id: uuid(host.seed, 'token', host.traceId, host.node, host.spanId, path, host.attempt),
  };
  return yield* ask({ do: 'token', path, order });
}

/** A fault set on this node for this step, decided by hash like every other chance. */
function faultOf(frame: Frame, path: string, step: string): Failure | null {
  const { host } = frame;
  for (const fault of host.faults()) {
    if (fault.step !== step) continue;
    if (random(host.seed, 'fault', host.traceId, host.node, host.spanId, path, host.attempt) >= fault.rate) continue;
    return {
      code: fault.code,
      message: `${fault.code} by fault: ${Math.round(fault.rate * 100)} %`,
      retriable: false,
      byFault: true,
    };
  }
  return null;
}

/** Runs one leaf step to its value; throws StepFailure. */
export function* runLeaf(frame: Frame, path: string, step: LeafStep): Leaf {
  switch (step.do) {
    case 'insert': {
      const store = storeOf(frame, step.store);
      const row = evaluateRecord(frame, path, step.value);
      return yield* query(path, store, { op: 'insert', ...inTx(frame, store), table: step.table, row });
    }
    case 'get':
      return yield* get(frame, path, step);
    case 'find':
      return yield* find(frame, path, step);
    case 'update':
      return yield* update(frame, path, step);
    case 'delete': {
      const store = storeOf(frame, step.store);
      return yield* query(path, store, {
        op: 'delete',
        ...inTx(frame, store),
        table: step.table,
        where: whereOf(frame, path, step.where),
      });
    }
    case 'call':
      return yield* callOrFallback(frame, path, step);
    case 'publish':
      return yield* publish(frame, path, step);
    case 'wait':
      return yield* ask({ do: 'wait', path, ms: Math.max(0, evaluateNumber(frame, path, step.ms)) });
    case 'set':
      return evaluate(frame, path, step.value);
    case 'token':
      return yield* token(frame, path, step);
    case 'jwks':
      return yield* ask({ do: 'jwks', path });
    case 'respond': {
      const status = evaluateNumber(frame, path, step.status);
      const headers = texts(evaluateRecord(frame, `${path}.headers`, step.headers ?? {}));
      return yield* ask({ do: 'respond', path, status, headers, body: evaluate(frame, path, step.body) });
    }
    case 'send':
      return yield* ask({ do: 'send', path, body: evaluate(frame, path, step.body) });
    case 'fail': {
      const failure: Failure = { code: step.code, message: evaluateText(frame, path, step.message) };
      throw new StepFailure({
        ...failure,
        ...(step.status === undefined ? {} : { status: step.status }),
        ...(step.retriable === undefined ? {} : { retriable: step.retriable }),
      });
    }
    case 'log':
      return yield* ask({ do: 'log', path, level: step.level, text: evaluateText(frame, path, step.text) });
  }
}

export { faultOf };
