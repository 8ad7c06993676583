import { z } from 'zod';
import type { Json } from '../../base/json.ts';
import { CallPolicy } from './policy-schema.ts';

/** Steps of a handler (decision 11). Any string may hold `${ CEL }`; a string that is one whole `${ }` keeps the value's type. */
const JsonValue: z.ZodType<Json> = z.json() as z.ZodType<Json>;
const StepId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
/** Id of an endpoint or of a gRPC method; behind a gateway, which has neither, the rpc itself: `package.Service/Method`. */
const Callee = z.string().regex(/^([a-z0-9][a-z0-9-]{0,39}|[A-Za-z_][\w.]*\/[A-Za-z_]\w*)$/);
const NodeRef = z.string();
const Expression = z.string();
const base = {
  id: StepId,
  /** Marks what this step sends as compensation of the named saga step (amber, decision 21). */
  compensates: z.string().optional(),
};
/** Name that later expressions see the result under. */
const as = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/);

/** Column -> value (equality) or operators. */
export const Where = z.record(
  z.string(),
  z.union([
    z.strictObject({
      eq: JsonValue.optional(),
      ne: JsonValue.optional(),
      gt: JsonValue.optional(),
      gte: JsonValue.optional(),
      lt: JsonValue.optional(),
      lte: JsonValue.optional(),
      in: JsonValue.optional(),
    }),
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
  ]),
);
/** `store` is the database node; without it the only owned database. */
const store = NodeRef.optional();

const leaf = [
  z.strictObject({
    ...base,
    do: z.literal('insert'),
    store,
    table: z.string(),
    value: z.record(z.string(), JsonValue),
    as: as.optional(),
  }),
  /** Binds the row, or null. With `orFail` an absent row fails with that code (HTTP 404 when not caught). */
  z.strictObject({
    ...base,
    do: z.literal('get'),
    store,
    table: z.string(),
    key: JsonValue,
    as,
    orFail: z.string().optional(),
  }),
  z.strictObject({
    ...base,
    do: z.literal('find'),
    store,
    table: z.string(),
    where: Where,
    orderBy: z.string().optional(),
    descending: z.boolean().optional(),
    limit: z.union([z.int().min(1), Expression]).optional(),
    as,
  }),
  /** Atomic in the database. Binds `{count, rows}`. `increment` adds to numeric columns. */
  z.strictObject({
    ...base,
    do: z.literal('update'),
    store,
    table: z.string(),
    where: Where,
    set: z.record(z.string(), JsonValue).optional(),
    increment: z.record(z.string(), JsonValue).optional(),
    as: as.optional(),
  }),
  /** Binds `{count}`. */
  z.strictObject({ ...base, do: z.literal('delete'), store, table: z.string(), where: Where, as: as.optional() }),
  /** Calls an endpoint (by id) of a linked service. Binds `{status, headers, body}`; status >= 400 fails with code `http_<status>`, no connection with `connection_refused`/`connection_reset`, silence with `timeout`, an empty registry with `no_instances`. `endpoint` may be a gRPC method of a service linked by gRPC, or the rpc itself (`package.Service/Method`) when `to` is a gateway: `input.body` is the message, `input.headers` the metadata; binds `{status: 0, body}`, or `{status: 0, messages}` of a stream; every other status fails with `grpc_<name>` such as `grpc_not_found`. */
  z.strictObject({
    ...base,
    do: z.literal('call'),
    to: NodeRef,
    endpoint: Callee,
    input: z.strictObject({
      params: z.record(z.string(), JsonValue).optional(),
      query: z.record(z.string(), JsonValue).optional(),
      headers: z.record(z.string(), z.string()).optional(),
      body: JsonValue.optional(),
    }),
    timeoutMs: z.number().positive(),
    as: as.optional(),
    policy: CallPolicy.optional(),
  }),
  /** `direct` publishes now and waits for the confirm; `outbox` writes a row in the current transaction that a relay publishes after commit. */
  z.strictObject({
    ...base,
    do: z.literal('publish'),
    to: NodeRef,
    key: z.string(),
    type: z.string(),
    body: JsonValue,
    via: z.enum(['direct', 'outbox']),
  }),
  z.strictObject({ ...base, do: z.literal('wait'), ms: z.union([z.number().min(0), Expression]) }),
  z.strictObject({ ...base, do: z.literal('set'), value: JsonValue, as }),
  /** Issues a signed token by the `tokens` of this service. Binds `{access_token, token_type, expires_in, scope}` (RFC 6749 5.1). `scopes`: a list, or an expression that gives a list or a text with spaces. */
  z.strictObject({
    ...base,
    do: z.literal('token'),
    subject: z.string(),
    audience: z.union([z.string(), z.array(z.string()).min(1)]),
    scopes: z.union([z.array(z.string()), Expression]),
    /** Further claims; the registered ones (iss, sub, aud, iat, exp, jti) and `scope` cannot be replaced. */
    claims: z.record(z.string(), JsonValue).optional(),
    /** Instead of the service's own. */
    ttlSeconds: z.int().min(1).optional(),
    as,
  }),
  /** Binds the public keys of this service as a JWK Set (RFC 7517 5); HS256 has none. */
  z.strictObject({ ...base, do: z.literal('jwks'), as }),
  z.strictObject({
    ...base,
    do: z.literal('respond'),
    status: z.union([z.int().min(100).max(599), Expression]),
    headers: z.record(z.string(), z.string()).optional(),
    body: JsonValue,
  }),
  /** Adds a message to the answer of a server streaming gRPC method, in the order of the steps. */
  z.strictObject({ ...base, do: z.literal('send'), body: JsonValue }),
  z.strictObject({
    ...base,
    do: z.literal('fail'),
    code: z.string(),
    message: z.string(),
    status: z.int().min(400).max(599).optional(),
    retriable: z.boolean().optional(),
  }),
  z.strictObject({
    ...base,
    do: z.literal('log'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    text: z.string(),
  }),
] as const;
export const LeafStep = z.discriminatedUnion('do', [...leaf]);

export type LeafStep = z.infer<typeof LeafStep>;
interface BranchBase {
  id: string;
  compensates?: string | undefined;
}
/** First branch whose `if` is true; else `else`. */
export interface ChooseStep extends BranchBase {
  do: 'choose';
  when: { if: string; steps: Step[] }[];
  else?: Step[] | undefined;
}
export interface EachStep extends BranchBase {
  do: 'each';
  in: string;
  item: string;
  steps: Step[];
}
export interface ParallelStep extends BranchBase {
  do: 'parallel';
  branches: { id: string; steps: Step[] }[];
}
/** `code: "*"` catches all; the caught failure is visible as `error {code, message, status, body}`. */
export interface TryStep extends BranchBase {
  do: 'try';
  steps: Step[];
  catch: { code: string; steps: Step[] }[];
  finally?: Step[] | undefined;
}
export interface TransactionStep extends BranchBase {
  do: 'transaction';
  store?: string | undefined;
  steps: Step[];
}
export type Step = LeafStep | ChooseStep | EachStep | ParallelStep | TryStep | TransactionStep;

const Steps: z.ZodType<Step[]> = z.lazy(() => z.array(Step));
const branch = [
  z.strictObject({
    ...base,
    do: z.literal('choose'),
    when: z.array(z.strictObject({ if: Expression, steps: Steps })).min(1),
    else: Steps.optional(),
  }),
  z.strictObject({ ...base, do: z.literal('each'), in: Expression, item: as, steps: Steps }),
  z.strictObject({
    ...base,
    do: z.literal('parallel'),
    branches: z.array(z.strictObject({ id: StepId, steps: Steps })).min(1),
  }),
  z.strictObject({
    ...base,
    do: z.literal('try'),
    steps: Steps,
    catch: z.array(z.strictObject({ code: z.string(), steps: Steps })),
    finally: Steps.optional(),
  }),
  z.strictObject({ ...base, do: z.literal('transaction'), store, steps: Steps }),
] as const;
export const Step: z.ZodType<Step> = z.lazy(() => z.discriminatedUnion('do', [...leaf, ...branch])) as z.ZodType<Step>;
