import type { Json } from '../../base/json.ts';
import { authService, usersTable } from './auth-preset.ts';
import { aboutEndpoint } from './default-behaviour.ts';
import { REGISTRY_DEFAULTS, REGISTRY_ENGINES } from './registry-presets.ts';
import type { ConfigOf, NodeKind, Table, TopologyNode } from '../schema/types.ts';

export type PresetCategory = 'traffic' | 'entry' | 'services' | 'data' | 'messaging';
/** What the palette offers; its title is UI text (`preset.<id>`). */
export interface Preset {
  id: string;
  category: PresetCategory;
  kind: NodeKind;
  /** Network name of the first one placed. */
  name: string;
  /** Title on the face, in the words of the chapter. */
  title: string;
}

const SERVICES: readonly [string, string][] = [
  ['blank', 'Service'],
  ['user', 'User'],
  ['auth', 'Auth'],
  ['product', 'Product'],
  ['category', 'Category'],
  ['search', 'Search'],
  ['cart', 'Cart'],
  ['order', 'Order'],
  ['shipping', 'Shipping'],
  ['payment', 'Payment'],
  ['billing', 'Billing'],
  ['inventory', 'Inventory'],
  ['email', 'Email'],
  ['notification', 'Notification'],
  ['analytics', 'Analytics'],
];

/** Everything that can be placed, in the order of the palette. */
export const PRESETS: readonly Preset[] = [
  { id: 'client-web', category: 'traffic', kind: 'client', name: 'web-client', title: 'Web' },
  { id: 'client-mobile', category: 'traffic', kind: 'client', name: 'mobile-client', title: 'Mobile' },
  { id: 'client-iot', category: 'traffic', kind: 'client', name: 'iot-client', title: 'IoT' },
  { id: 'gateway', category: 'entry', kind: 'gateway', name: 'api-gateway', title: 'API gateway' },
  { id: 'registry', category: 'entry', kind: 'registry', name: 'consul', title: 'Consul' },
  { id: 'registry-eureka', category: 'entry', kind: 'registry', name: 'eureka', title: 'Eureka' },
  { id: 'registry-etcd', category: 'entry', kind: 'registry', name: 'etcd', title: 'etcd' },
  { id: 'registry-zookeeper', category: 'entry', kind: 'registry', name: 'zookeeper', title: 'ZooKeeper' },
  ...SERVICES.map(([id, title]): Preset => ({
    id,
    category: 'services',
    kind: 'service',
    name: id === 'blank' ? 'service' : id,
    title,
  })),
  { id: 'database-table', category: 'data', kind: 'database', name: 'postgres', title: 'PostgreSQL' },
  { id: 'database-document', category: 'data', kind: 'database', name: 'mongo', title: 'MongoDB' },
  { id: 'broker', category: 'messaging', kind: 'broker', name: 'rabbitmq', title: 'RabbitMQ' },
];
const KIND_PRESET: Readonly<Record<NodeKind, string>> = {
  client: 'client-web',
  gateway: 'gateway',
  registry: 'registry',
  service: 'blank',
  database: 'database-table',
  broker: 'broker',
};

/** The preset of that id, or the usual one of a kind; undefined when there is none. */
export function findPreset(idOrKind: string): Preset | undefined {
  const id = Object.hasOwn(KIND_PRESET, idOrKind) ? KIND_PRESET[idOrKind as NodeKind] : idOrKind;
  return PRESETS.find((preset) => preset.id === id);
}

const LOAD = { model: 'open', ratePerSecond: 1, arrival: 'exponential' } as const;
const service = (preset: string, name: string, port: number): ConfigOf<'service'> => ({
  preset,
  version: 'v1',
  port,
  replicas: 1,
  serviceTime: { kind: 'lognormal', medianMs: 20, sigma: 0.35 },
  startupMs: 400,
  restartDelayMs: 2_000,
  prefetch: 4,
  values: {},
  endpoints: [aboutEndpoint(name)],
  subscriptions: [],
});

type Placed<K extends NodeKind> = { kind: K; config: ConfigOf<K> };
type AnyPlaced = { [K in NodeKind]: Placed<K> }[NodeKind];

/** Kind and configuration of a fresh node: works at once, without a database and without a link. `port` is free for services. */
export function presetConfig(preset: Preset, name: string, port: number): AnyPlaced {
  switch (preset.kind) {
    case 'client':
      return {
        kind: 'client',
        config: {
          clientKind: preset.id === 'client-mobile' ? 'mobile' : preset.id === 'client-iot' ? 'iot' : 'web',
          load: LOAD,
          timeoutMs: 5_000,
          requests: [],
        },
      };
    case 'gateway':
      return { kind: 'gateway', config: { port: 8080, routes: [], timeoutMs: 3_000, replicas: 1 } };
    case 'registry':
      return {
        kind: 'registry',
        config: {
          ...REGISTRY_DEFAULTS[REGISTRY_ENGINES.find((engine) => preset.id === `registry-${engine}`) ?? 'consul'],
          restartDelayMs: 2_000,
        },
      };
    case 'service':
      return {
        kind: 'service',
        config:
          preset.id === 'auth' ? authService(service(preset.id, name, port), name) : service(preset.id, name, port),
      };
    case 'database':
      return {
        kind: 'database',
        config: {
          engine: preset.id === 'database-document' ? 'mongodb' : 'postgresql',
          tables: [],
          rows: {},
          restartDelayMs: 2_000,
        },
      };
    case 'broker':
      return {
        kind: 'broker',
        config: { engine: 'rabbitmq', exchange: 'events', deliveryLimit: null, restartDelayMs: 2_000 },
      };
  }
}

type Column = Table['columns'][number];
const column = (name: string, type: Column['type'] = 'string', nullable = false): Column => ({ name, type, nullable });
type Model = { table: string; columns: Column[]; rows: Record<string, Json>[] };
const named = (
  table: string,
  names: readonly string[],
  extra: Column[] = [],
  values: Record<string, Json> = {},
): Model => ({
  table,
  columns: [column('id'), column('name'), ...extra],
  rows: names.map((name, index) => ({ id: String(index + 1), name, ...values })),
});
const perOrder = (table: string, extra: Column[], values: Record<string, Json>): Model => ({
  table,
  columns: [column('id'), column('orderId'), ...extra],
  rows: [{ id: '1', orderId: 'o-1', ...values }],
});
const status = column('status');
const amount = column('amount', 'number');

/** First table of a ready-made service, with a few rows: what it keeps, by the single-responsibility principle of the chapter. */
const MODELS: Readonly<Record<string, Model>> = {
  user: named('users', ['Ada Lovelace', 'Grace Hopper', 'Radia Perlman'], [column('email', 'string', true)], {
    email: null,
  }),
  product: named('products', ['Laptop', 'Mouse', 'Keyboard'], [column('price', 'number')], { price: 100 }),
  category: named('categories', ['Devices', 'Accessories', 'Supplies']),
  search: named('documents', ['Laptop', 'Mouse'], [column('keywords', 'string', true)], { keywords: null }),
  cart: named('carts', ['ada', 'grace'], [column('items', 'json')], { items: [] }),
  order: named('orders', ['first order'], [status, column('total', 'number')], { status: 'PENDING', total: 100 }),
  shipping: perOrder('shipments', [status], { status: 'CREATED' }),
  payment: perOrder('payments', [amount, status], { amount: 100, status: 'CHARGED' }),
  billing: perOrder('invoices', [amount], { amount: 100 }),
  inventory: named('stock', ['Laptop', 'Mouse'], [column('available', 'int')], { available: 100 }),
  email: named('emails', ['We received your order'], [column('recipient', 'string', true)], { recipient: null }),
  notification: named('notifications', ['Your parcel is on its way'], [column('userId', 'string', true)], {
    userId: null,
  }),
  analytics: named('metrics', ['orders'], [column('value', 'number')], { value: 0 }),
};

/** First table of a service that gets a database: by its preset, else `items`. */
export function firstTable(node: Extract<TopologyNode, { kind: 'service' }>): {
  table: Table;
  rows: Record<string, Json>[];
} {
  const preset = node.config.preset ?? 'blank';
  if (preset === 'auth') return usersTable;
  const model = Object.hasOwn(MODELS, preset) ? MODELS[preset] : undefined;
  const { table, columns, rows } = model ?? named('items', ['first', 'second']);
  return { table: { name: table, columns, primaryKey: 'id' }, rows };
}
