import type { Json } from '../../base/json.ts';
import type { Check } from './check.ts';
import { checkLife } from './check-life.ts';
import { checkLogin } from './check-login.ts';
import { checkSteps } from './check-steps.ts';
import { checkAnswers, checkGrpc, checkGrpcRequest } from './check-grpc.ts';
import { checkRouted } from './check-requests.ts';
import { MAX_USERS } from './max-users.ts';
import { handlersOf, idsOf } from '../steps.ts';
import type { ConfigOf, Distribution, NodeOf, Table } from '../schema/types.ts';

/** Checks one client: its request mix, targets and expressions. */
export function checkClient(check: Check, id: string, config: ConfigOf<'client'>, at: string): void {
  if (config.load.model === 'closed' && config.load.users > MAX_USERS)
    check.error('USERS_TOO_MANY', `${at}/load/users`, { count: config.load.users, limit: MAX_USERS });
  check.unique(
    config.requests.map((request) => request.id),
    'REQUEST_DUPLICATE',
    (index) => `${at}/requests/${index}/id`,
  );
  checkLogin(check, config, at);
  config.requests.forEach((request, index) => {
    const place = `${at}/requests/${index}`;
    const target = check.node(request.to);
    if (target === undefined) check.error('NODE_UNKNOWN.node', `${place}/to`, { node: request.to });
    else if (request.protocol === 'grpc') checkGrpcRequest(check, id, request, place);
    else if (!check.linked('http', id, request.to))
      check.error('REQUEST_NOT_LINKED', `${place}/to`, { from: id, to: request.to });
    else checkRouted(check, request, place);
    check.expressions(request.path, `${place}/path`);
    check.expressions(request.headers ?? {}, `${place}/headers`);
    check.expressions(request.body ?? null, `${place}/body`);
  });
}

/** Shape of a path for comparing: parameters lose their names. */
const pathShape = (path: string): string => path.replace(/\{[^}/]*\}/g, '{}');

/** Checks one service: endpoints, subscriptions, their steps, the unit of its durations. */
export function checkService(check: Check, id: string, config: ConfigOf<'service'>, at: string): void {
  check.notYetFields(config, ['idempotency'], at);
  checkLife(check, id, config, at);
  checkDistribution(check, config.serviceTime, `${at}/serviceTime`);
  check.unique(
    handlersOf(config).map((handler) => handler.id),
    'HANDLER_DUPLICATE',
    (index) => `${handlerPlace(config, index, at)}/id`,
  );
  check.unique(
    config.endpoints.map((endpoint) => `${endpoint.method} ${pathShape(endpoint.path)}`),
    'ENDPOINT_DUPLICATE',
    (index) => `${at}/endpoints/${index}/path`,
  );
  config.endpoints.forEach((endpoint, index) => {
    const place = `${at}/endpoints/${index}`;
    if (!/^(\/(\{[A-Za-z_][A-Za-z0-9_]*\}|[^{}/?#\s]*))+$/.test(endpoint.path))
      check.error('PATH_INVALID', `${place}/path`, { path: endpoint.path });
    checkSteps(check, id, endpoint.steps, 'request', place);
    checkAnswers(check, endpoint.steps, `${place}/steps`, 'http');
  });
  check.unique(
    config.subscriptions.map((subscription) => `${subscription.broker} ${subscription.key}`),
    'SUBSCRIPTION_DUPLICATE',
    (index) => `${at}/subscriptions/${index}/key`,
  );
  config.subscriptions.forEach((subscription, index) => {
    const place = `${at}/subscriptions/${index}`;
    if (check.nodeOf(subscription.broker, 'broker') === undefined)
      check.error('NODE_UNKNOWN.broker', `${place}/broker`, { node: subscription.broker });
    else if (!check.linked('subscribe', subscription.broker, id))
      check.error('SUBSCRIPTION_NOT_LINKED', `${place}/broker`, { from: subscription.broker, to: id });
    if (subscription.key === '' || subscription.key.length > 255) check.error('KEY_INVALID', `${place}/key`, {});
    checkSteps(check, id, subscription.steps, 'message', place);
    checkAnswers(check, subscription.steps, `${place}/steps`, 'message');
  });
  const { grpc } = config;
  if (grpc === undefined) return;
  checkGrpc(check, config, grpc, `${at}/grpc`);
  grpc.methods.forEach((method, index) =>
    checkSteps(check, id, method.steps, 'request', `${at}/grpc/methods/${index}`),
  );
}

/** Where the handler stands whose number this is among all of a service. */
function handlerPlace({ endpoints, subscriptions }: ConfigOf<'service'>, index: number, at: string): string {
  if (index < endpoints.length) return `${at}/endpoints/${index}`;
  const rest = index - endpoints.length;
  return rest < subscriptions.length
    ? `${at}/subscriptions/${rest}`
    : `${at}/grpc/methods/${rest - subscriptions.length}`;
}

/** Reports bounds that contradict each other. */
export function checkDistribution(check: Check, distribution: Distribution, at: string): void {
  if (distribution.kind === 'uniform' && distribution.maxMs < distribution.minMs)
    check.error('RANGE_EMPTY', `${at}/maxMs`, { min: distribution.minMs, max: distribution.maxMs });
}

const TYPE_TESTS: Readonly<Record<Table['columns'][number]['type'], (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  int: (value) => Number.isSafeInteger(value),
  number: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  time: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value),
  json: () => true,
};

/** Checks one database: engine, tables, initial rows against their columns. */
export function checkDatabase(check: Check, _: string, config: ConfigOf<'database'>, at: string): void {
  if (config.engine !== 'postgresql' && config.engine !== 'mongodb')
    check.notYet(`the engine "${config.engine}"`, `${at}/engine`);
  check.notYetFields(config, ['isolation', 'readReplicas'], at);
  check.unique(
    config.tables.map((table) => table.name),
    'TABLE_DUPLICATE',
    (index) => `${at}/tables/${index}/name`,
  );
  config.tables.forEach((table, index) => checkTable(check, table, `${at}/tables/${index}`));
  for (const name of Object.keys(config.rows).sort()) {
    const table = config.tables.find((candidate) => candidate.name === name);
    if (table === undefined) check.error('TABLE_UNKNOWN.rows', `${at}/rows/${name}`, { table: name });
    else checkRows(check, table, config.rows[name] ?? [], `${at}/rows/${name}`);
  }
}

function checkTable(check: Check, table: Table, at: string): void {
  const names = table.columns.map((column) => column.name);
  if (table.name === 'outbox') check.error('TABLE_RESERVED', `${at}/name`, {});
  check.unique(names, 'COLUMN_DUPLICATE', (index) => `${at}/columns/${index}/name`);
  const key = table.columns.find((column) => column.name === table.primaryKey);
  if (key === undefined)
    check.error('COLUMN_UNKNOWN.key', `${at}/primaryKey`, { column: table.primaryKey, table: table.name });
  else if (key.nullable) check.error('KEY_NULLABLE', `${at}/primaryKey`, { column: key.name, table: table.name });
  for (const name of (table.unique ?? []).flat())
    if (!names.includes(name))
      check.error('COLUMN_UNKNOWN.unique', `${at}/unique`, { column: name, table: table.name });
}

function checkRows(check: Check, table: Table, rows: readonly Record<string, Json>[], at: string): void {
  const keys = new Set<string>();
  rows.forEach((row, index) => {
    for (const name of Object.keys(row).sort()) {
      if (!table.columns.some((column) => column.name === name))
        check.error('COLUMN_UNKNOWN.row', `${at}/${index}/${name}`, { column: name, table: table.name });
    }
    for (const column of table.columns) {
      const value = Object.hasOwn(row, column.name) ? (row[column.name] ?? null) : null;
      if (value === null ? !column.nullable : !TYPE_TESTS[column.type](value))
        check.error(column.nullable ? 'ROW_INVALID.nullable' : 'ROW_INVALID.value', `${at}/${index}/${column.name}`, {
          column: column.name,
          table: table.name,
          type: column.type,
          found: JSON.stringify(value),
        });
    }
    if (!table.columns.some((column) => column.name === table.primaryKey)) return;
    const key = JSON.stringify(row[table.primaryKey] ?? null);
    if (keys.has(key)) check.error('ROW_DUPLICATE', `${at}/${index}`, { table: table.name, key });
    keys.add(key);
  });
}

/** Checks one broker. */
export function checkBroker(check: Check, _: string, config: ConfigOf<'broker'>, at: string): void {
  if (config.engine !== 'rabbitmq') check.notYet(`the broker "${config.engine}"`, `${at}/engine`);
  check.notYetFields(config, ['queues', 'topics'], at);
  if (!/^[A-Za-z0-9._:-]{1,127}$/.test(config.exchange))
    check.error('EXCHANGE_INVALID', `${at}/exchange`, { exchange: config.exchange });
}

/** Fields that only one registry knows. */
const REGISTRY_FIELDS = [
  ['check', 'consul'],
  ['deregisterAfterMs', 'consul'],
  ['blockingWaitMs', 'consul'],
  ['evictionIntervalMs', 'eureka'],
  ['responseCacheMs', 'eureka'],
  ['selfPreservation', 'eureka'],
  ['tickMs', 'zookeeper'],
] as const;

/** Checks one registry. */
export function checkRegistry(check: Check, _: string, config: ConfigOf<'registry'>, at: string): void {
  for (const [field, engine] of REGISTRY_FIELDS) {
    if (config[field] === undefined || config.engine === engine) continue;
    check.error('REGISTRY_FIELD_UNUSED', `${at}/${field}`, { field, engine, registry: config.engine });
  }
  if (config.ttlMs <= config.heartbeatMs)
    check.warn('TTL_TOO_SHORT', `${at}/ttlMs`, { ttl: config.ttlMs, heartbeat: config.heartbeatMs });
}

/** Step ids of a service, at any depth, for the fault of the demo. */
export const stepIds = (service: NodeOf<'service'>): Set<string> =>
  new Set(handlersOf(service.config).flatMap((handler) => [...idsOf(handler.steps)]));
