import type { Json } from '../base/json.ts';
import { asTemplate, type Check } from './check.ts';
import type { NodeOf, Step, Table } from './types.ts';

/** What a handler's steps are checked against. */
interface Handler {
  check: Check;
  /** Node id of the service. */
  service: string;
  /** Database nodes that the service owns. */
  stores: readonly string[];
  /** Names that expressions may read; grows as steps bind more. */
  names: Set<string>;
  ids: Set<string>;
}
/** The transaction around a step; steps inside use its store unless they name another. */
type Transaction = { store: string | undefined } | null;
type Scoped = Handler & { transaction: Transaction };
type StepOf<D extends Step['do']> = Extract<Step, { do: D }>;
const BUILT_IN = ['config', 'node', 'trace', 'error'];

/** Checks the steps of one endpoint or subscription; `input` is `request` or `message`. */
export function checkSteps(
  check: Check,
  service: string,
  steps: readonly Step[],
  input: 'request' | 'message',
  at: string,
): void {
  const stores = check.links
    .filter(([, link]) => link.kind === 'owns' && link.from.node === service)
    .map(([, link]) => link.to.node);
  const names = new Set([...BUILT_IN, input]);
  collectNames(steps, names);
  walk({ check, service, stores, names, ids: new Set() }, steps, `${at}/steps`, null);
}

/** Steps of each inner list, with its place below the step. */
function inner(step: Step): [readonly Step[], string][] {
  switch (step.do) {
    case 'choose':
      return [
        ...step.when.map((branch, index): [readonly Step[], string] => [branch.steps, `when/${index}/steps`]),
        [step.else ?? [], 'else'],
      ];
    case 'each':
    case 'transaction':
      return [[step.steps, 'steps']];
    case 'parallel':
      return step.branches.map((branch, index) => [branch.steps, `branches/${index}/steps`]);
    case 'try':
      return [
        [step.steps, 'steps'],
        ...step.catch.map((branch, index): [readonly Step[], string] => [branch.steps, `catch/${index}/steps`]),
        [step.finally ?? [], 'finally'],
      ];
    default:
      return [];
  }
}

function collectNames(steps: readonly Step[], names: Set<string>): void {
  for (const step of steps) {
    if ('as' in step && step.as !== undefined) names.add(step.as);
    if (step.do === 'each') names.add(step.item);
    for (const [list] of inner(step)) collectNames(list, names);
  }
}

function walk(handler: Handler, steps: readonly Step[], at: string, transaction: Transaction): void {
  steps.forEach((step, index) => {
    const place = `${at}/${index}`;
    if (handler.ids.has(step.id))
      handler.check.error('STEP_DUPLICATE', `${place}/id`, `the step id "${step.id}" appears twice in one handler`);
    handler.ids.add(step.id);
    checkStep({ ...handler, transaction }, step, place);
    for (const [list, where] of inner(step))
      walk(handler, list, `${place}/${where}`, step.do === 'transaction' ? { store: step.store } : transaction);
  });
}

function expressions(handler: Handler, value: Json | undefined, at: string): void {
  if (value === undefined) return;
  for (const name of handler.check.expressions(value, at)) {
    if (!handler.names.has(name)) {
      handler.check.warn(
        'EXPRESSION_NAME_UNKNOWN',
        at,
        `"${name}" is not bound by any step of this handler; known: ${[...handler.names].sort().join(', ')}`,
      );
    }
  }
}
const condition = (handler: Handler, text: string, at: string): void => expressions(handler, asTemplate(text), at);

function checkStep(handler: Scoped, step: Step, at: string): void {
  switch (step.do) {
    case 'insert':
    case 'get':
    case 'find':
    case 'update':
    case 'delete':
      return checkTableStep(handler, step, at);
    case 'call':
      return checkCall(handler, step, at);
    case 'publish':
      return checkPublish(handler, step, at);
    case 'transaction':
      if (handler.transaction) handler.check.error('TRANSACTION_NESTED', at, 'a transaction is already open here');
      storeOf(handler, step.store, at);
      return;
    case 'choose':
      return step.when.forEach((branch, index) => condition(handler, branch.if, `${at}/when/${index}/if`));
    case 'each':
      return condition(handler, step.in, `${at}/in`);
    case 'parallel':
      return handler.check.unique(
        step.branches.map((branch) => branch.id),
        'BRANCH_DUPLICATE',
        'the branch id',
        (index) => `${at}/branches/${index}/id`,
      );
    case 'try':
      return;
    case 'wait':
      return typeof step.ms === 'string' ? condition(handler, step.ms, `${at}/ms`) : undefined;
    case 'set':
      return expressions(handler, step.value, `${at}/value`);
    case 'respond':
      if (typeof step.status === 'string') condition(handler, step.status, `${at}/status`);
      expressions(handler, step.headers, `${at}/headers`);
      return expressions(handler, step.body, `${at}/body`);
    case 'fail':
      return expressions(handler, step.message, `${at}/message`);
    case 'log':
      return expressions(handler, step.text, `${at}/text`);
  }
}

/** The database that a step means, or undefined after reporting why there is none. */
function storeOf(handler: Handler, named: string | undefined, at: string): NodeOf<'database'> | undefined {
  const { check, service, stores } = handler;
  if (named !== undefined) {
    const store = check.nodeOf(named, 'database');
    if (store === undefined) check.error('STORE_UNKNOWN', `${at}/store`, `there is no database "${named}"`);
    else if (!stores.includes(named))
      check.error(
        'STORE_NOT_OWNED',
        `${at}/store`,
        `"${service}" has no link to the database "${named}"`,
        `Draw a link from ${service} to ${named}`,
      );
    else return store;
    return undefined;
  }
  const [only, ...more] = stores;
  if (only === undefined)
    check.error(
      'STORE_MISSING',
      at,
      `"${service}" owns no database that this step could use`,
      `Draw a link from ${service} to a database`,
    );
  else if (more.length > 0)
    check.error(
      'STORE_AMBIGUOUS',
      at,
      `"${service}" owns ${stores.length} databases: name one in "store" (${stores.join(', ')})`,
    );
  else return check.nodeOf(only, 'database');
  return undefined;
}

function columns(handler: Handler, table: Table, names: readonly string[], at: string): void {
  for (const name of names) {
    if (!table.columns.some((column) => column.name === name))
      handler.check.error(
        'COLUMN_UNKNOWN',
        `${at}/${name}`,
        `the table "${table.name}" has no column "${name}"; it has ${table.columns.map((column) => column.name).join(', ')}`,
      );
  }
}

function checkTableStep(
  handler: Scoped,
  step: StepOf<'insert' | 'get' | 'find' | 'update' | 'delete'>,
  at: string,
): void {
  checkTableValues(handler, step, at);
  const store = storeOf(handler, step.store ?? handler.transaction?.store, at);
  if (store === undefined) return;
  const table = store.config.tables.find((candidate) => candidate.name === step.table);
  if (table === undefined) {
    handler.check.error(
      'TABLE_UNKNOWN',
      `${at}/table`,
      `the database "${store.name}" has no table "${step.table}"; it has ${store.config.tables.map((candidate) => candidate.name).join(', ') || 'none'}`,
    );
    return;
  }
  if (step.do === 'insert') {
    columns(handler, table, Object.keys(step.value), `${at}/value`);
    for (const column of table.columns) {
      if (!column.nullable && !Object.hasOwn(step.value, column.name))
        handler.check.error(
          'COLUMN_MISSING',
          `${at}/value`,
          `the column "${column.name}" of "${table.name}" needs a value`,
        );
    }
  }
  if (step.do === 'find' || step.do === 'update' || step.do === 'delete')
    columns(handler, table, Object.keys(step.where), `${at}/where`);
  if (step.do === 'find' && step.orderBy !== undefined) columns(handler, table, [step.orderBy], `${at}/orderBy`);
  if (step.do === 'update') {
    columns(handler, table, Object.keys(step.set ?? {}), `${at}/set`);
    columns(handler, table, Object.keys(step.increment ?? {}), `${at}/increment`);
    for (const column of table.columns) {
      if (Object.hasOwn(step.increment ?? {}, column.name) && column.type !== 'int' && column.type !== 'number') {
        handler.check.error(
          'COLUMN_NOT_NUMERIC',
          `${at}/increment/${column.name}`,
          `the column "${column.name}" holds ${column.type}, which cannot be incremented`,
        );
      }
    }
  }
}

function checkTableValues(
  handler: Handler,
  step: StepOf<'insert' | 'get' | 'find' | 'update' | 'delete'>,
  at: string,
): void {
  if (step.do === 'insert') return expressions(handler, step.value, `${at}/value`);
  if (step.do === 'get') return expressions(handler, step.key, `${at}/key`);
  // Operators that are absent are undefined, which no walker of JSON meets: `compileTemplate` drops nothing, so they are dropped here.
  expressions(handler, JSON.parse(JSON.stringify(step.where)) as Json, `${at}/where`);
  if (step.do === 'find' && typeof step.limit === 'string') condition(handler, step.limit, `${at}/limit`);
  if (step.do === 'update') {
    expressions(handler, step.set, `${at}/set`);
    expressions(handler, step.increment, `${at}/increment`);
  }
}

function checkCall(handler: Handler, step: StepOf<'call'>, at: string): void {
  const { check, service } = handler;
  const { params, query, headers, body } = step.input;
  for (const [value, where] of [
    [params, 'params'],
    [query, 'query'],
    [headers, 'headers'],
    [body, 'body'],
  ] as const)
    expressions(handler, value, `${at}/input/${where}`);
  check.notYetFields(step, ['policy'], at);
  const callee = check.nodeOf(step.to, 'service');
  if (callee === undefined) return check.error('NODE_UNKNOWN', `${at}/to`, `there is no service "${step.to}" to call`);
  if (!check.linked('http', service, step.to))
    check.error(
      'CALL_NOT_LINKED',
      `${at}/to`,
      `"${service}" calls "${step.to}" but no HTTP link leads there`,
      `Draw a link from ${service} to ${step.to}, or remove the step`,
    );
  const endpoint = callee.config.endpoints.find((candidate) => candidate.id === step.endpoint);
  if (endpoint === undefined)
    return check.error(
      'ENDPOINT_UNKNOWN',
      `${at}/endpoint`,
      `"${step.to}" has no endpoint "${step.endpoint}"; it has ${callee.config.endpoints.map((candidate) => candidate.id).join(', ') || 'none'}`,
    );
  for (const [, name = ''] of endpoint.path.matchAll(/\{([^}]*)\}/g)) {
    if (!Object.hasOwn(params ?? {}, name))
      check.error(
        'PARAM_MISSING',
        `${at}/input/params`,
        `the path ${endpoint.path} of "${step.endpoint}" needs the parameter "${name}"`,
      );
  }
}

function checkPublish(handler: Handler, step: StepOf<'publish'>, at: string): void {
  const { check, service } = handler;
  expressions(handler, step.key, `${at}/key`);
  expressions(handler, step.body, `${at}/body`);
  if (check.nodeOf(step.to, 'broker') === undefined)
    check.error('NODE_UNKNOWN', `${at}/to`, `there is no broker "${step.to}" to publish to`);
  else if (!check.linked('publish', service, step.to))
    check.error(
      'PUBLISH_NOT_LINKED',
      `${at}/to`,
      `"${service}" publishes to "${step.to}" but no publish link leads there`,
      `Draw a link from ${service} to ${step.to}, or remove the step`,
    );
  if (step.via === 'outbox') storeOf(handler, undefined, at);
}
