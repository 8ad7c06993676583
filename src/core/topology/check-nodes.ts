import type { Json } from '../base/json.ts';
import type { Check } from './check.ts';
import { checkLife } from './check-life.ts';
import { checkLogin } from './check-login.ts';
import { checkSteps } from './check-steps.ts';
import { MAX_USERS } from './max-users.ts';
import { idsOf } from './steps.ts';
import type { ConfigOf, Distribution, NodeOf, Table } from './types.ts';

/** Checks one client: its request mix, targets and expressions. */
export function checkClient(check: Check, id: string, config: ConfigOf<'client'>, at: string): void {
  if (config.load.model === 'closed' && config.load.users > MAX_USERS)
    check.error(
      'USERS_TOO_MANY',
      `${at}/load/users`,
      `${config.load.users} users are more than the ${MAX_USERS} that a client plays`,
      'Use fewer users, or several clients',
    );
  check.unique(
    config.requests.map((request) => request.id),
    'REQUEST_DUPLICATE',
    'the request id',
    (index) => `${at}/requests/${index}/id`,
  );
  checkLogin(check, config, at);
  config.requests.forEach((request, index) => {
    const place = `${at}/requests/${index}`;
    const target = check.node(request.to);
    if (target === undefined) check.error('NODE_UNKNOWN', `${place}/to`, `there is no node "${request.to}" to send to`);
    else if (!check.linked('http', id, request.to))
      check.error(
        'REQUEST_NOT_LINKED',
        `${place}/to`,
        `"${id}" sends to "${request.to}" but no HTTP link leads there`,
        `Draw a link from ${id} to ${request.to}, or remove the request`,
      );
    check.expressions(request.path, `${place}/path`);
    check.expressions(request.headers ?? {}, `${place}/headers`);
    check.expressions(request.body ?? null, `${place}/body`);
  });
}

/** Shape of a path for comparing: parameters lose their names. */
const pathShape = (path: string): string => path.replace(/\{[^}/]*\}/g, '{}');

/** Checks one service: endpoints, subscriptions, their steps, the unit of its durations. */
export function checkService(check: Check, id: string, config: ConfigOf<'service'>, at: string): void {
  check.notYetFields(config, ['idempotency', 'grpc'], at);
  checkLife(check, id, config, at);
  checkDistribution(check, config.serviceTime, `${at}/serviceTime`);
  check.unique(
    [...config.endpoints, ...config.subscriptions].map((handler) => handler.id),
    'HANDLER_DUPLICATE',
    'the handler id',
    (index) =>
      index < config.endpoints.length
        ? `${at}/endpoints/${index}/id`
        : `${at}/subscriptions/${index - config.endpoints.length}/id`,
  );
  check.unique(
    config.endpoints.map((endpoint) => `${endpoint.method} ${pathShape(endpoint.path)}`),
    'ENDPOINT_DUPLICATE',
    'the endpoint',
    (index) => `${at}/endpoints/${index}/path`,
  );
  config.endpoints.forEach((endpoint, index) => {
    const place = `${at}/endpoints/${index}`;
    if (!/^(\/(\{[A-Za-z_][A-Za-z0-9_]*\}|[^{}/?#\s]*))+$/.test(endpoint.path))
      check.error('PATH_INVALID', `${place}/path`, `"${endpoint.path}" is not a path: segments are text or {name}`);
    checkSteps(check, id, endpoint.steps, 'request', place);
  });
  check.unique(
    config.subscriptions.map((subscription) => `${subscription.broker} ${subscription.key}`),
    'SUBSCRIPTION_DUPLICATE',
    'the subscription',
    (index) => `${at}/subscriptions/${index}/key`,
  );
  config.subscriptions.forEach((subscription, index) => {
    const place = `${at}/subscriptions/${index}`;
    if (check.nodeOf(subscription.broker, 'broker') === undefined)
      check.error('NODE_UNKNOWN', `${place}/broker`, `there is no broker "${subscription.broker}" to subscribe to`);
    else if (!check.linked('subscribe', subscription.broker, id))
      check.error(
        'SUBSCRIPTION_NOT_LINKED',
        `${place}/broker`,
        `"${id}" subscribes to "${subscription.broker}" but no subscribe link leads from it`,
        `Draw a link from ${subscription.broker} to ${id}, or remove the subscription`,
      );
    if (subscription.key === '' || subscription.key.length > 255)
      check.error('KEY_INVALID', `${place}/key`, 'a topic pattern has 1 to 255 characters');
    checkSteps(check, id, subscription.steps, 'message', place);
  });
}

/** Reports bounds that contradict each other. */
export function checkDistribution(check: Check, distribution: Distribution, at: string): void {
  if (distribution.kind === 'uniform' && distribution.maxMs < distribution.minMs)
    check.error(
      'RANGE_EMPTY',
      `${at}/maxMs`,
      `the upper bound ${distribution.maxMs} ms is below the lower bound ${distribution.minMs} ms`,
    );
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
    'the table',
    (index) => `${at}/tables/${index}/name`,
  );
  config.tables.forEach((table, index) => checkTable(check, table, `${at}/tables/${index}`));
  for (const name of Object.keys(config.rows).sort()) {
    const table = config.tables.find((candidate) => candidate.name === name);
    if (table === undefined)
      check.error(
        'TABLE_UNKNOWN',
        `${at}/rows/${name}`,
        `there are rows for the table "${name}", which does not exist`,
      );
    else checkRows(check, table, config.rows[name] ?? [], `${at}/rows/${name}`);
  }
}

function checkTable(check: Check, table: Table, at: string): void {
  const names = table.columns.map((column) => column.name);
  if (table.name === 'outbox')
    check.error('TABLE_RESERVED', `${at}/name`, 'the table "outbox" is made by the outbox relay: choose another name');
  check.unique(names, 'COLUMN_DUPLICATE', 'the column', (index) => `${at}/columns/${index}/name`);
  const key = table.columns.find((column) => column.name === table.primaryKey);
  if (key === undefined)
    check.error(
      'COLUMN_UNKNOWN',
      `${at}/primaryKey`,
      `the primary key "${table.primaryKey}" is not a column of "${table.name}"`,
    );
  else if (key.nullable)
    check.error(
      'KEY_NULLABLE',
      `${at}/primaryKey`,
      `the primary key "${key.name}" of "${table.name}" must not be nullable`,
    );
  for (const name of (table.unique ?? []).flat())
    if (!names.includes(name))
      check.error('COLUMN_UNKNOWN', `${at}/unique`, `"${name}" is not a column of "${table.name}"`);
}

function checkRows(check: Check, table: Table, rows: readonly Record<string, Json>[], at: string): void {
  const keys = new Set<string>();
  rows.forEach((row, index) => {
    for (const name of Object.keys(row).sort()) {
      if (!table.columns.some((column) => column.name === name))
        check.error('COLUMN_UNKNOWN', `${at}/${index}/${name}`, `the table "${table.name}" has no column "${name}"`);
    }
    for (const column of table.columns) {
      const value = Object.hasOwn(row, column.name) ? (row[column.name] ?? null) : null;
      if (value === null ? !column.nullable : !TYPE_TESTS[column.type](value))
        check.error(
          'ROW_INVALID',
          `${at}/${index}/${column.name}`,
          `"${column.name}" of "${table.name}" must be ${column.type}${column.nullable ? ' or null' : ''} (found ${JSON.stringify(value)})`,
        );
    }
    if (!table.columns.some((column) => column.name === table.primaryKey)) return;
    const key = JSON.stringify(row[table.primaryKey] ?? null);
    if (keys.has(key))
      check.error('ROW_DUPLICATE', `${at}/${index}`, `two rows of "${table.name}" have the key ${key}`);
    keys.add(key);
  });
}

/** Checks one broker. */
export function checkBroker(check: Check, _: string, config: ConfigOf<'broker'>, at: string): void {
  if (config.engine !== 'rabbitmq') check.notYet(`the broker "${config.engine}"`, `${at}/engine`);
  check.notYetFields(config, ['queues', 'topics'], at);
  if (!/^[A-Za-z0-9._:-]{1,127}$/.test(config.exchange))
    check.error(
      'EXCHANGE_INVALID',
      `${at}/exchange`,
      `"${config.exchange}" is not an exchange name: letters, digits and "-_.:" (1 to 127)`,
    );
}

/** Checks one registry. */
export function checkRegistry(check: Check, _: string, config: ConfigOf<'registry'>, at: string): void {
  if (config.engine !== 'consul') check.notYet(`the registry "${config.engine}"`, `${at}/engine`);
  check.notYetFields(
    config,
    ['check', 'deregisterAfterMs', 'evictionIntervalMs', 'responseCacheMs', 'selfPreservation', 'tickMs'],
    at,
  );
  if (config.ttlMs <= config.heartbeatMs)
    check.warn(
      'TTL_TOO_SHORT',
      `${at}/ttlMs`,
      `entries expire after ${config.ttlMs} ms but are renewed only every ${config.heartbeatMs} ms`,
      'Make the TTL at least three heartbeats',
    );
}

/** Step ids of a service, at any depth, for the fault of the demo. */
export const stepIds = (service: NodeOf<'service'>): Set<string> =>
  new Set(
    [...service.config.endpoints, ...service.config.subscriptions].flatMap((handler) => [...idsOf(handler.steps)]),
  );
