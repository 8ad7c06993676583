import { sortedKeys } from '../base/canonical.ts';
import { sha256Hex } from '../base/sha256.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { err, ok, type Problem, type Result } from '../base/result.ts';
import { AddressBook, peersOf, portOf } from '../fabric/peers.ts';
import { instanceId } from '../fabric/message.ts';
import type { Peer } from '../fabric/protocol.ts';
import { compileTopology, initialData } from '../topology/compile.ts';
import type { AnyExecutableNode, Document, ExecutableNode, ExecutableTopology } from '../topology/types.ts';
import { containerResolve } from './container-resolve.ts';
import { composeProblem } from './compose-texts.ts';
import { type ContainerSpec, HEALTH_PORT, MONGODB_FILE, RUNTIME_ENTRY, EVENTS_PORT } from './container-spec.ts';
import { printableJson } from './escape.ts';
import {
  brokerContainer,
  connectionTo,
  databaseContainer,
  EXPORTED_ENGINES,
  registryContainer,
  runtimeContainer,
} from './infrastructure.ts';
import type { ComposeModel, ContainerModel } from './model.ts';
import { runtimeProbe } from './probes.ts';
import { tokenKeys, tokenKeySecret } from './token-keys.ts';
import { storeTables } from './store-tables.ts';
import type { Recording, VerifySpec } from './verification.ts';

export interface ModelOptions {
  /** Built runtime: `servarium-runtime.mjs`, and `mongodb.mjs` when a MongoDB is drawn. */
  runtime: { files: Record<string, string> };
  verify: Recording | null;
  secrets: { password(name: string): string };
}

/** Everything that the parts of one export share while it is built. */
interface Context {
  document: Document;
  topology: ExecutableTopology;
  model: ComposeModel;
  verifyName: string;
  options: ModelOptions;
}

const hasMongo = (topology: ExecutableTopology): boolean =>
  Object.values(topology.nodes).some((node) => node.kind === 'database' && node.config.engine === 'mongodb');

/** A copy without what only the neighbour itself reads: its steps, values and rows; a database with all tables that the export creates. */
function outsideOf(node: string, record: AnyExecutableNode, topology: ExecutableTopology): AnyExecutableNode {
  if (record.kind === 'service') {
    const { config } = record;
    const endpoints = config.endpoints.map((endpoint) => ({ ...endpoint, steps: [] }));
    const subscriptions = config.subscriptions.map((subscription) => ({ ...subscription, steps: [] }));
    const { grpc } = config;
    const methods = grpc?.methods.map((method) => ({ ...method, steps: [] })) ?? [];
    const more = grpc === undefined ? {} : { grpc: { ...grpc, methods } };
    return { ...record, config: { ...config, values: {}, endpoints, subscriptions, ...more } };
  }
  if (record.kind === 'database') {
    return { ...record, config: { ...record.config, tables: storeTables(node, topology), rows: {} } };
  }
  if (record.kind === 'client') return { ...record, config: { ...record.config, requests: [] } };
  if (record.kind === 'gateway') {
    // Keys of callers are nobody else's business.
    const { auth: _, ...config } = record.config;
    return { ...record, config };
  }
  return record;
}

/** Neighbours of a node with container names for addresses: one name stands for all replicas. */
function containerPeers(node: string, topology: ExecutableTopology): Peer[] {
  return peersOf(node, topology, new AddressBook()).map((peer) => {
    const address = `${peer.record.name}:${portOf(peer.record)}`;
    return {
      ...peer,
      record: outsideOf(peer.node, peer.record, topology),
      instances: [{ instance: instanceId(peer.node, 0), address }],
      ...containerResolve(peer, address, topology),
    };
  });
}

/** Nodes that people and clients send requests to: gateways, and services that a client is linked to. */
export function entryNodes(topology: ExecutableTopology): string[] {
  const entries = new Set(sortedKeys(topology.nodes).filter((id) => topology.nodes[id]?.kind === 'gateway'));
  for (const id of sortedKeys(topology.links)) {
    const link = topology.links[id];
    if (link && topology.nodes[link.from]?.kind === 'client') entries.add(link.to);
  }
  return [...entries].sort();
}

function specOf(context: Context, node: string, record: AnyExecutableNode): { spec: ContainerSpec; secrets: string[] } {
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

function addRuntimeFiles(context: Context, container: ContainerModel): void {
  const names = [RUNTIME_ENTRY, ...(hasMongo(context.topology) ? [MONGODB_FILE] : [])];
  for (const name of names) container.files.push({ path: `runtime/${name}`, target: `/app/runtime/${name}` });
}

/** What a service describes, for people and other programs, and the port on which it answers them. */
function addProto(model: ComposeModel, container: ContainerModel, { name, config }: ExecutableNode<'service'>): void {
  if (config.grpc === undefined) return;
  model.files.set(`services/${name}.proto`, config.grpc.proto);
  container.expose = [String(config.grpc.port)];
}

/** Gateway, service or client: our runtime with its own `service.json`. */
function addRuntimeNode(
  context: Context,
  node: string,
  record: ExecutableNode<'gateway' | 'service' | 'client'>,
): void {
  const { topology, model } = context;
  const container = runtimeContainer(record.name);
  const { spec, secrets } = specOf(context, node, record as AnyExecutableNode);
  const path = `services/${record.name}.json`;
  model.files.set(path, `${printableJson(spec as unknown as Json)}\n`);
  container.files.push({ path, target: '/app/service.json' });
  if (record.kind === 'service') addProto(model, container, record as ExecutableNode<'service'>);
  addRuntimeFiles(context, container);
  container.secrets = secrets;
  if (context.options.verify) container.environment = { SERVARIUM_EVENTS_PORT: String(EVENTS_PORT) };
  container.interpolated = {
    SERVARIUM_FAULTS: '${SERVARIUM_FAULTS:-}',
    OTEL_EXPORTER_OTLP_ENDPOINT: '${OTEL_EXPORTER_OTLP_ENDPOINT:-}',
  };
  container.healthcheck = runtimeProbe(record.kind === 'client' ? HEALTH_PORT : portOf(record as AnyExecutableNode));
  const isEntry = entryNodes(topology).includes(node);
  if (record.kind === 'client') {
    container.profiles = ['load'];
    container.networks = ['edge'];
  } else if (isEntry) container.networks = ['edge', 'internal'];
  // Only on what cannot depend back: services may call each other in circles, and the runtime tries again by itself.
  container.dependsOn = spec.peers
    .filter((peer) => {
      if (peer.record.kind === 'database' || peer.record.kind === 'broker' || peer.record.kind === 'registry')
        return true;
      return record.kind !== 'service' && peer.direction === 'out';
    })
    .map((peer) => peer.record.name);
  container.dependsOn = [...new Set(container.dependsOn)].sort();
  if (record.kind !== 'client') container.replicas = (record as ExecutableNode<'gateway' | 'service'>).config.replicas;
  model.containers.push(container);
}

function addDatabase(context: Context, node: string, record: ExecutableNode<'database'>): void {
  const rows = initialData(context.topology)[node] ?? [];
  const made = databaseContainer(record, storeTables(node, context.topology), rows);
  context.model.files.set(made.script.path, made.script.text);
  context.model.containers.push(made.container);
}

/** Host ports of the entries: each its own, from the drawn one upward, changeable by a variable. */
function publishEntries(context: Context): void {
  const taken = new Set<number>();
  const entries = entryNodes(context.topology);
  const firstGateway = entries.find((id) => context.topology.nodes[id]?.kind === 'gateway') ?? entries[0];
  for (const id of entries) {
    const record = context.topology.nodes[id];
    const container = context.model.containers.find((one) => one.name === record?.name);
    if (!record || !container) continue;
    const port = portOf(record);
    const fits = (from: number): boolean => {
      for (let n = 0; n < container.replicas; n++) if (taken.has(from + n)) return false;
      return true;
    };
    let host = port < 1024 ? port + 8000 : port;
    while (!fits(host)) host++;
    for (let n = 0; n < container.replicas; n++) taken.add(host + n);
    if (container.replicas > 1) {
      // A single port cannot be shared by replicas; a range gives each its own.
      container.ports = [`127.0.0.1:${host}-${host + container.replicas - 1}:${port}`];
      continue;
    }
    const variable = id === firstGateway ? 'GATEWAY_PORT' : `PORT_${record.name.replaceAll('-', '_').toUpperCase()}`;
    container.ports = [`127.0.0.1:\${${variable}:-${host}}:${port}`];
  }
}

function addVerify(context: Context, recording: Recording): void {
  const { topology, model } = context;
  const spec: VerifySpec = { v: 1, recording, entries: {}, sources: [], stores: {}, nodes: {} };
  const container = runtimeContainer(context.verifyName);
  const secrets = new Set<string>();
  for (const id of entryNodes(topology)) {
    const record = topology.nodes[id];
    if (record) spec.entries[id] = { host: record.name, port: portOf(record) };
  }
  for (const id of sortedKeys(topology.nodes)) {
    const record = topology.nodes[id];
    if (!record) continue;
    spec.nodes[id] = outsideOf(id, record, topology);
    if (record.kind === 'service' || record.kind === 'gateway')
      spec.sources.push({ host: record.name, port: EVENTS_PORT });
    const made = record.kind === 'database' ? connectionTo(record) : null;
    if (record.kind !== 'database' || !made) continue;
    spec.stores[id] = { connection: made.connection, tables: record.config.tables };
    if (made.secret !== null) secrets.add(made.secret);
  }
  model.files.set('verify/recording.json', `${printableJson(spec as unknown as Json)}\n`);
  container.command = [...(container.command ?? []), 'verify'];
  container.files.push({ path: 'verify/recording.json', target: '/app/verify.json' });
  addRuntimeFiles(context, container);
  container.secrets = [...secrets].sort();
  container.networks = ['edge', 'internal'];
  container.profiles = ['verify'];
  container.restart = 'no';
  container.dependsOn = Object.values(spec.entries)
    .map((entry) => entry.host)
    .sort();
  model.containers.push(container);
}

function freeName(document: Document, wanted: string): string {
  const names = new Set(Object.values(document.nodes).map((node) => node.name));
  let name = wanted;
  for (let n = 2; names.has(name); n++) name = `${wanted}-${n}`;
  return name;
}

/** What this export cannot carry, node by node; empty when it can. */
function refusals(document: Document, options: ModelOptions): Problem[] {
  const problems: Problem[] = [];
  for (const id of sortedKeys(document.nodes)) {
    const node = document.nodes[id];
    if (!node) continue;
    const at = `nodes/${id}/config`;
    if (node.kind === 'database' || node.kind === 'broker' || node.kind === 'registry') {
      const { engine } = node.config;
      const known = EXPORTED_ENGINES[node.kind];
      if (!known.includes(engine)) {
        problems.push(
          composeProblem('EXPORT_ENGINE_UNSUPPORTED', `${at}/engine`, { node: id, engine, known: known.join(', ') }),
        );
      }
    }
    if (node.kind === 'database' && JSON.stringify(node.config.rows).includes('\\u0000')) {
      problems.push(composeProblem('EXPORT_NUL_CHARACTER', `${at}/rows`, { node: id }));
    }
  }
  const needed = [RUNTIME_ENTRY, ...(hasMongo(compileTopology(document)) ? [MONGODB_FILE] : [])];
  for (const file of needed) {
    if (options.runtime.files[file] !== undefined) continue;
    problems.push(composeProblem('EXPORT_RUNTIME_MISSING', '', { name: document.name, file }));
  }
  return problems;
}

/** The containers, files and secrets of a document; problems when it holds what cannot be exported. */
export function buildModel(document: Document, options: ModelOptions): Result<ComposeModel> {
  const problems = refusals(document, options);
  if (problems.length > 0) return err(problems);
  const topology = compileTopology(document);
  const model: ComposeModel = {
    project: document.id,
    containers: [],
    files: new Map(),
    secrets: new Map(),
    document: document as unknown as JsonObject,
  };
  const context: Context = { document, topology, model, options, verifyName: freeName(document, 'verify') };
  for (const file of [RUNTIME_ENTRY, ...(hasMongo(topology) ? [MONGODB_FILE] : [])]) {
    model.files.set(`runtime/${file}`, options.runtime.files[file] ?? '');
  }
  for (const id of sortedKeys(topology.nodes)) {
    const record = topology.nodes[id];
    if (!record) continue;
    if (record.kind === 'database') addDatabase(context, id, record);
    else if (record.kind === 'broker') model.containers.push(brokerContainer(record));
    else if (record.kind === 'registry') model.containers.push(registryContainer(record));
    else addRuntimeNode(context, id, record as ExecutableNode<'gateway' | 'service' | 'client'>);
    const secret = connectionTo(record)?.secret ?? null;
    if (secret !== null) model.secrets.set(secret, options.secrets.password(secret));
    if (record.kind === 'service' && record.config.tokens !== undefined) {
      const key = tokenKeySecret(record.name);
      model.secrets.set(key, sha256Hex(options.secrets.password(key)));
    }
  }
  publishEntries(context);
  if (options.verify) addVerify(context, options.verify);
  model.containers.sort((a, b) => (a.name < b.name ? -1 : 1));
  return ok(model);
}
