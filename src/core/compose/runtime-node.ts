import { sortedKeys } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { portOf } from '../fabric/peers.ts';
import type { AnyExecutableNode } from '../topology/schema/types.ts';
import { containerPeers } from './container-peers.ts';
import { type ContainerSpec, EVENTS_PORT, HEALTH_PORT } from './container-spec.ts';
import { printableJson } from './escape.ts';
import { addRuntimeFiles, type ExportContext } from './export-context.ts';
import { connectionTo, runtimeContainer } from './infrastructure.ts';
import type { ContainerModel } from './model.ts';
import { runtimeProbe } from './probes.ts';
import { tokenKeys } from './token-keys.ts';

function specOf(
  context: ExportContext,
  node: string,
  record: AnyExecutableNode,
): { spec: ContainerSpec; secrets: string[] } {
  const peers = containerPeers(node, context.topology);
  const connections: ContainerSpec['connections'] = {};
  const secrets = new Set<string>();
  for (const peer of peers) {
    const made = connectionTo(peer.record);
    if (!made) continue;
    connections[peer.node] = made.connection;
    if (made.secret !== null) secrets.add(made.secret);
  }
  const keys = tokenKeys(node, record, context.topology);
  for (const { secret } of Object.values(keys)) secrets.add(secret);
  const tokenKeysOf = Object.fromEntries(sortedKeys(keys).map((id) => [id, keys[id]?.file ?? '']));
  const spec: ContainerSpec = {
    v: 1,
    node,
    seed: context.document.seed,
    record,
    peers,
    connections,
    ...(Object.keys(keys).length > 0 ? { tokenKeys: tokenKeysOf } : {}),
  };
  return { spec, secrets: [...secrets].sort() };
}

/** A container of our runtime for one record, with its own `service.json`, secrets, settings and health check; not yet part of the model. */
export function runtimeNode(
  context: ExportContext,
  node: string,
  record: AnyExecutableNode,
  name: string,
): { container: ContainerModel; spec: ContainerSpec } {
  const container = runtimeContainer(name);
  const { spec, secrets } = specOf(context, node, record);
  const path = `services/${name}.json`;
  context.model.files.set(path, `${printableJson(spec as unknown as Json)}\n`);
  container.files.push({ path, target: '/app/service.json' });
  addRuntimeFiles(container, Object.values(spec.connections));
  container.secrets = secrets;
  if (context.options.verify) container.environment = { SERVARIUM_EVENTS_PORT: String(EVENTS_PORT) };
  container.interpolated = {
    SERVARIUM_FAULTS: '${SERVARIUM_FAULTS:-}',
    OTEL_EXPORTER_OTLP_ENDPOINT: '${OTEL_EXPORTER_OTLP_ENDPOINT:-}',
  };
  container.healthcheck = runtimeProbe(record.kind === 'client' ? HEALTH_PORT : portOf(record));
  return { container, spec };
}

/** Containers that must be healthy before this one starts: infrastructure, and for who is no service those that it calls. Services may call each other in circles, and the runtime tries again by itself. */
export function waitsFor(record: AnyExecutableNode, { peers }: ContainerSpec): string[] {
  const names = peers
    .filter((peer) => {
      if (peer.record.kind === 'database' || peer.record.kind === 'broker' || peer.record.kind === 'registry')
        return true;
      return record.kind !== 'service' && peer.direction === 'out';
    })
    .map((peer) => peer.record.name);
  return [...new Set(names)].sort();
}
