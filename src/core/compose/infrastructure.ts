import type { AnyExecutableNode, ExecutableNode } from '../topology/schema/types.ts';
import type { StoredRow } from '../storage/types.ts';
import { APP_NAME, type Connection, type RegistryKind } from './container-spec.ts';
import images from './images.json';
import type { ContainerModel } from './model.ts';
import {
  consulProbe,
  etcdProbe,
  eurekaProbe,
  mongoProbe,
  postgresProbe,
  rabbitProbe,
  zookeeperProbe,
} from './probes.ts';
import { mongoScript, sqlScript } from './sql.ts';
import type { Table } from '../topology/schema/types.ts';

type ImageName = keyof typeof images;

/** `image:tag` of the one table of images. */
export const imageOf = (name: ImageName): string => `${images[name].image}:${images[name].tag}`;

/** Engines that an export can carry, by node kind; the others are refused with a problem. */
export const EXPORTED_ENGINES: Record<'database' | 'broker' | 'registry', readonly string[]> = {
  database: ['postgresql', 'mongodb'],
  broker: ['rabbitmq'],
  registry: ['consul', 'etcd', 'eureka', 'zookeeper'],
};

const secretOf = (name: string): string => `${name}-password`;
const secretPath = (name: string): string => `/run/secrets/${secretOf(name)}`;

const container = (name: string, image: string): ContainerModel => ({
  name,
  image,
  environment: {},
  interpolated: {},
  secretEnvironment: {},
  files: [],
  secrets: [],
  healthcheck: null,
  dependsOn: [],
  networks: ['internal'],
  volumes: {},
  ports: [],
  replicas: 1,
  limits: null,
  profiles: [],
  isRuntime: false,
  restart: 'unless-stopped',
  stopGraceSeconds: 10,
});

/** Container and initial script of one database node: one server per node, so no service can reach a foreign table. */
export function databaseContainer(
  node: ExecutableNode<'database'>,
  tables: readonly Table[],
  rows: readonly StoredRow[],
): { container: ContainerModel; script: { path: string; text: string } } {
  const { name } = node;
  const base = container(name, imageOf(node.config.engine === 'mongodb' ? 'mongodb' : 'postgresql'));
  base.secrets = [secretOf(name)];
  if (node.config.engine === 'mongodb') {
    const path = `database/${name}.js`;
    base.environment = {
      MONGO_INITDB_DATABASE: APP_NAME,
      MONGO_INITDB_ROOT_USERNAME: APP_NAME,
      MONGO_INITDB_ROOT_PASSWORD_FILE: secretPath(name),
    };
    base.healthcheck = mongoProbe(name);
    base.volumes = { [`${name}-data`]: '/data/db' };
    base.files = [{ path, target: '/docker-entrypoint-initdb.d/10-schema.js' }];
    return { container: base, script: { path, text: mongoScript(tables, rows) } };
  }
  const path = `database/${name}.sql`;
  base.environment = {
    POSTGRES_USER: APP_NAME,
    POSTGRES_DB: APP_NAME,
    POSTGRES_PASSWORD_FILE: secretPath(name),
  };
  base.healthcheck = postgresProbe(APP_NAME, APP_NAME);
  // Since 18 the image keeps its data one folder higher than before.
  base.volumes = { [`${name}-data`]: '/var/lib/postgresql' };
  base.shmSize = '128mb';
  base.files = [{ path, target: '/docker-entrypoint-initdb.d/10-schema.sql' }];
  return { container: base, script: { path, text: sqlScript(tables, rows) } };
}

/** RabbitMQ: the data folder depends on the host name, and the image refuses `_FILE` variables. */
export function brokerContainer(node: ExecutableNode<'broker'>): ContainerModel {
  const base = container(node.name, imageOf('rabbitmq'));
  base.hostname = node.name;
  base.environment = { RABBITMQ_DEFAULT_USER: APP_NAME };
  base.secretEnvironment = { RABBITMQ_DEFAULT_PASS: secretOf(node.name) };
  base.healthcheck = rabbitProbe();
  base.volumes = { [`${node.name}-data`]: '/var/lib/rabbitmq' };
  base.stopGraceSeconds = 20;
  return base;
}

/** Port of each registry's clients. */
const REGISTRY_PORTS: Readonly<Record<RegistryKind, number>> = {
  consul: 8500,
  etcd: 2379,
  eureka: 8761,
  zookeeper: 2181,
};

/** One server of the drawn registry: entries live as long as the container, as in the tab. */
export function registryContainer(node: ExecutableNode<'registry'>): ContainerModel {
  const { engine, tickMs = 2_000 } = node.config;
  const base = container(node.name, imageOf(engine));
  if (engine === 'consul') {
    // A development agent.
    base.command = ['agent', '-dev', '-client=0.0.0.0'];
    base.healthcheck = consulProbe();
  } else if (engine === 'etcd') {
    const clients = `http://${node.name}:${REGISTRY_PORTS.etcd}`;
    base.command = ['etcd', `--listen-client-urls=http://0.0.0.0:2379`, `--advertise-client-urls=${clients}`];
    base.healthcheck = etcdProbe();
  } else if (engine === 'zookeeper') {
    base.environment = {
      ZOO_TICK_TIME: String(Math.max(1, Math.round(tickMs))),
      ZOO_4LW_COMMANDS_WHITELIST: 'ruok,srvr',
      ZOO_ADMINSERVER_ENABLED: 'false',
    };
    base.healthcheck = zookeeperProbe();
  } else base.healthcheck = eurekaProbe();
  return base;
}

/** How a service reaches an infrastructure node, and the secret that it needs for that; null for other kinds. */
export function connectionTo(node: AnyExecutableNode): { connection: Connection; secret: string | null } | null {
  const host = node.name;
  if (node.kind === 'registry') {
    const { engine } = node.config;
    return { connection: { kind: engine, host, port: REGISTRY_PORTS[engine] }, secret: null };
  }
  const login = { host, user: APP_NAME, passwordFile: secretPath(host) };
  if (node.kind === 'broker') return { connection: { kind: 'rabbitmq', port: 5672, ...login }, secret: secretOf(host) };
  if (node.kind !== 'database') return null;
  const isMongo = node.config.engine === 'mongodb';
  const kind = isMongo ? 'mongodb' : 'postgresql';
  return { connection: { kind, port: isMongo ? 27017 : 5432, database: APP_NAME, ...login }, secret: secretOf(host) };
}

/** An empty container of our own runtime: no capabilities, an init process, as user `node`. */
export function runtimeContainer(name: string): ContainerModel {
  return {
    ...container(name, imageOf('runtime')),
    user: 'node',
    command: ['node', '/app/runtime/servarium-runtime.mjs'],
    isRuntime: true,
    limits: { cpus: '0.5', memory: '192M' },
  };
}

/** nginx in the place of a drawn gateway. */
export function nginxContainer(name: string): ContainerModel {
  return { ...container(name, imageOf('nginx')), limits: { cpus: '0.5', memory: '128M' } };
}
