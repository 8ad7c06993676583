import { sortedKeys } from '../base/canonical.ts';
import type { JsonObject } from '../base/json.ts';
import { err, ok, type Problem, type Result } from '../base/result.ts';
import { sha256Hex } from '../base/sha256.ts';
import { portOf } from '../fabric/peers.ts';
import { compileTopology, initialData } from '../topology/compile.ts';
import type { AnyExecutableNode, Document, ExecutableNode } from '../topology/schema/types.ts';
import { composeProblem } from './compose-texts.ts';
import { entryNodes } from './container-peers.ts';
import { MONGODB_FILE, RUNTIME_ENTRY } from './container-spec.ts';
import { type ExportContext, freeName, hasMongo, type ModelOptions } from './export-context.ts';
import {
  brokerContainer,
  connectionTo,
  databaseContainer,
  EXPORTED_ENGINES,
  registryContainer,
} from './infrastructure.ts';
import type { ComposeModel, ContainerModel } from './model.ts';
import { addNginxGateway } from './nginx/nginx-gateway.ts';
import { runtimeNode, waitsFor } from './runtime-node.ts';
import { storeTables } from './store-tables.ts';
import { tokenKeySecret } from './token-keys.ts';
import { addVerify } from './verify-container.ts';

/** What a service describes, for people and other programs, and the port on which it answers them. */
function addProto(model: ComposeModel, container: ContainerModel, { name, config }: ExecutableNode<'service'>): void {
  if (config.grpc === undefined) return;
  model.files.set(`services/${name}.proto`, config.grpc.proto);
  container.expose = [String(config.grpc.port)];
}

/** Gateway, service or client: our runtime with its own `service.json`. */
function addRuntimeNode(
  context: ExportContext,
  node: string,
  record: ExecutableNode<'gateway' | 'service' | 'client'>,
): void {
  const { topology, model } = context;
  const { container, spec } = runtimeNode(context, node, record as AnyExecutableNode, record.name);
  if (record.kind === 'service') addProto(model, container, record as ExecutableNode<'service'>);
  if (record.kind === 'client') {
    container.profiles = ['load'];
    container.networks = ['edge'];
  } else if (entryNodes(topology).includes(node)) container.networks = ['edge', 'internal'];
  container.dependsOn = waitsFor(record as AnyExecutableNode, spec);
  if (record.kind !== 'client') container.replicas = (record as ExecutableNode<'gateway' | 'service'>).config.replicas;
  model.containers.push(container);
}

function addDatabase(context: ExportContext, node: string, record: ExecutableNode<'database'>): void {
  const rows = initialData(context.topology)[node] ?? [];
  const made = databaseContainer(record, storeTables(node, context.topology), rows);
  context.model.files.set(made.script.path, made.script.text);
  context.model.containers.push(made.container);
}

/** Host ports of the entries: each its own, from the drawn one upward, changeable by a variable. */
function publishEntries(context: ExportContext): void {
  const taken = new Set<number>();
  const entries = entryNodes(context.topology);
  const firstGateway = entries.find((id) => context.topology.nodes[id]?.kind === 'gateway') ?? entries[0];
  for (const id of entries) {
    const record = context.topology.nodes[id];
    const container = context.model.containers.find((one) => one.name === record?.name);
    if (!record || !container) continue;
    const own = record.name.replaceAll('-', '_').toUpperCase();
    const variable = id === firstGateway ? 'GATEWAY_PORT' : `PORT_${own}`;
    container.ports = [publishedPort(container, portOf(record), variable, taken)];
    if (record.kind !== 'gateway' || record.config.grpc === undefined) continue;
    const forGrpc = id === firstGateway ? 'GATEWAY_GRPC_PORT' : `GRPC_PORT_${own}`;
    container.ports.push(publishedPort(container, record.config.grpc.port, forGrpc, taken));
  }
}

/** A free port of the host for a port of a container, or as many as it has replicas. */
function publishedPort({ replicas }: ContainerModel, port: number, variable: string, taken: Set<number>): string {
  const fits = (from: number): boolean => {
    for (let n = 0; n < replicas; n++) if (taken.has(from + n)) return false;
    return true;
  };
  let host = port < 1024 ? port + 8000 : port;
  while (!fits(host)) host++;
  for (let n = 0; n < replicas; n++) taken.add(host + n);
  // A single port cannot be shared by replicas; a range gives each its own.
  return replicas > 1
    ? `127.0.0.1:${host}-${host + replicas - 1}:${port}`
    : `127.0.0.1:\${${variable}:-${host}}:${port}`;
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
    if (node.kind === 'gateway' && node.config.grpc !== undefined && options.gateway === 'nginx')
      problems.push(composeProblem('EXPORT_NGINX_GRPC', `${at}/grpc`, { node: id }));
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
  const context: ExportContext = { document, topology, model, options, verifyName: freeName(document, 'verify') };
  for (const file of [RUNTIME_ENTRY, ...(hasMongo(topology) ? [MONGODB_FILE] : [])]) {
    model.files.set(`runtime/${file}`, options.runtime.files[file] ?? '');
  }
  for (const id of sortedKeys(topology.nodes)) {
    const record = topology.nodes[id];
    if (!record) continue;
    if (record.kind === 'database') addDatabase(context, id, record);
    else if (record.kind === 'broker') model.containers.push(brokerContainer(record));
    else if (record.kind === 'registry') model.containers.push(registryContainer(record));
    else if (record.kind === 'gateway' && options.gateway === 'nginx') addNginxGateway(context, id, record);
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
