import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { hostname } from 'node:os';
import {
  type Connection,
  type ContainerSpec,
  HEALTH_PORT,
  type RegistryKind,
} from '../../core/compose/container-spec.ts';
import { portOf } from '../../core/fabric/peers.ts';
import type { ActorFactory, Peer } from '../../core/fabric/protocol.ts';
import { clientActor } from '../../core/kinds/client/actor.ts';
import { gatewayActor } from '../../core/kinds/gateway/actor.ts';
import { serviceActor } from '../../core/kinds/service/actor.ts';
import { performEffect } from '../tokens/perform-effect.ts';
import type { Carrier, Inbox } from './carrier.ts';
import { consulCarrier } from './carriers/consul.ts';
import { etcdCarrier } from './carriers/etcd.ts';
import { eurekaCarrier } from './carriers/eureka.ts';
import { mongoCarrier } from './carriers/mongo.ts';
import { postgresCarrier } from './carriers/postgres.ts';
import { rabbitCarrier } from './carriers/rabbitmq.ts';
import { zookeeperCarrier } from './carriers/zookeeper.ts';
import { Container } from './container.ts';
import { containerInit, faultsFrom } from './container-init.ts';
import { createEventFeed, type EventSink } from './event-feed.ts';
import { logLine } from './json-log.ts';
import { createOtlpSink } from './otlp-sink.ts';
import { runVerify } from './verify.ts';

/** The program in every exported container: a gateway, service or client from /app/service.json, or `verify`. */

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const readSecret = (file: string): string => readFileSync(file, 'utf8').trim();

/** The address under which others reach this container on the network of `target`: a container may be on several. Tries until the target answers. */
async function addressTowards(target: { host: string; port: number }): Promise<string> {
  for (;;) {
    const address = await new Promise<string | null>((resolve) => {
      const socket = createConnection(target, () => {
        resolve(socket.localAddress ?? null);
        socket.destroy();
      });
      socket.on('error', () => resolve(null));
    });
    if (address !== null) return address;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function registryCarrier(
  node: string,
  { kind, host, port }: Extract<Connection, { kind: RegistryKind }>,
  record: Peer['record'] | undefined,
  parts: { inbox: Inbox; instance: string; learn: (instance: string, address: string) => void },
): Carrier {
  const { heartbeatMs = 3_000, ttlMs = 10_000 } = record?.kind === 'registry' ? record.config : {};
  const options = { host, port, instance: parts.instance, registry: `${node}#0`, onAddress: parts.learn };
  if (kind === 'etcd') return etcdCarrier(parts.inbox, options);
  if (kind === 'eureka') return eurekaCarrier(parts.inbox, { ...options, renewalMs: heartbeatMs });
  if (kind === 'zookeeper') return zookeeperCarrier(parts.inbox, { ...options, timeoutMs: ttlMs, heartbeatMs });
  return consulCarrier(parts.inbox, options);
}

function infrastructureCarrier(
  node: string,
  connection: Connection,
  spec: ContainerSpec,
  parts: { inbox: Inbox; instance: string; learn: (instance: string, address: string) => void },
): Carrier {
  const { inbox } = parts;
  const record = spec.peers.find((peer) => peer.node === node)?.record;
  switch (connection.kind) {
    case 'consul':
    case 'etcd':
    case 'eureka':
    case 'zookeeper':
      return registryCarrier(node, connection, record, parts);
    case 'rabbitmq': {
      const { exchange, deliveryLimit } =
        record?.kind === 'broker' ? record.config : { exchange: 'events', deliveryLimit: null };
      const password = readSecret(connection.passwordFile);
      return rabbitCarrier(inbox, { ...connection, password, broker: `${node}#0`, exchange, deliveryLimit });
    }
    case 'postgresql':
    case 'mongodb': {
      const { host, port, database, user } = connection;
      const tables = record?.kind === 'database' ? record.config.tables : [];
      const options = { host, port, database, user, password: readSecret(connection.passwordFile), tables };
      return connection.kind === 'postgresql' ? postgresCarrier(inbox, options) : mongoCarrier(inbox, options);
    }
  }
}

/** Infrastructure is real here: its actors stay out of the bundle. */
const FACTORIES: Partial<Record<ContainerSpec['record']['kind'], ActorFactory>> = {
  client: clientActor,
  gateway: gatewayActor,
  service: serviceActor,
};

function factoryOf(spec: ContainerSpec): ActorFactory {
  const factory = FACTORIES[spec.record.kind];
  if (!factory) throw new Error(`Failed to start: not a container of ours (${spec.record.kind})`);
  return factory;
}

const isRegistry = (one: Connection): one is Extract<Connection, { kind: RegistryKind }> =>
  one.kind === 'consul' || one.kind === 'etcd' || one.kind === 'eureka' || one.kind === 'zookeeper';

function createSinks(spec: ContainerSpec): EventSink[] {
  const sinks: EventSink[] = [
    {
      take(event) {
        const line = logLine(event, spec.record.name);
        if (line !== null) say(line);
      },
      close: () => undefined,
    },
  ];
  const { SERVARIUM_EVENTS_PORT, OTEL_EXPORTER_OTLP_ENDPOINT } = process.env;
  if (SERVARIUM_EVENTS_PORT) sinks.push(createEventFeed(Number(SERVARIUM_EVENTS_PORT)));
  if (OTEL_EXPORTER_OTLP_ENDPOINT) sinks.push(createOtlpSink(OTEL_EXPORTER_OTLP_ENDPOINT, spec.record.name));
  return sinks;
}

async function runContainer(file: string): Promise<void> {
  const spec = JSON.parse(readFileSync(file, 'utf8')) as ContainerSpec;
  const faults = faultsFrom(process.env['SERVARIUM_FAULTS'], spec);
  const port = spec.record.kind === 'client' ? HEALTH_PORT : portOf(spec.record);
  const registry = Object.values(spec.connections).find(isRegistry);
  const host = registry ? await addressTowards(registry) : hostname();
  const secrets = Object.fromEntries(
    Object.entries(spec.tokenKeys ?? {}).map(([node, keyFile]) => [node, readSecret(keyFile)]),
  );
  const init = containerInit(spec, { unique: hostname(), address: `${host}:${port}`, faults, secrets });
  const sinks = createSinks(spec);
  const container = new Container({
    init,
    factory: factoryOf(spec),
    carriers: (inbox, learn) =>
      new Map(
        Object.entries(spec.connections).map(([node, connection]) => [
          node,
          infrastructureCarrier(node, connection, spec, { inbox, instance: init.instance, learn }),
        ]),
      ),
    onEvent: (event) => sinks.forEach((sink) => sink.take(event)),
    perform: performEffect,
    onCrash(error) {
      say(
        JSON.stringify({
          level: 'error',
          service: spec.record.name,
          message: `bug: ${error instanceof Error ? error.stack : String(error)}`,
        }),
      );
      process.exit(1);
    },
  });
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    void container.drain().then(() => {
      sinks.forEach((sink) => sink.close());
      process.exit(0);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await container.start(port);
}

async function main(): Promise<void> {
  if (process.argv[2] === 'verify') {
    // Whatever ends it early, it has not passed.
    process.exitCode = 1;
    process.exitCode = await runVerify('/app/verify.json', say);
  } else await runContainer(process.env['SERVARIUM_SERVICE'] ?? '/app/service.json');
}

main().catch((error: unknown) => {
  say(
    JSON.stringify({
      level: 'error',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  process.exit(1);
});
