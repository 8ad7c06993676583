import type { Document, ExecutableTopology } from '../topology/schema/types.ts';
import { type Connection, MONGODB_FILE, RUNTIME_ENTRY } from './container-spec.ts';
import type { ComposeModel, ContainerModel } from './model.ts';
import type { Recording } from './verification.ts';

export interface ModelOptions {
  /** Built runtime: `servarium-runtime.mjs`, and `mongodb.mjs` when a MongoDB is drawn. */
  runtime: { files: Record<string, string> };
  verify: Recording | null;
  secrets: { password(name: string): string };
  /** What the drawn gateways become: our own runtime (default, the same code), or nginx with a sidecar for what nginx cannot say. */
  gateway?: 'runtime' | 'nginx';
}

/** Everything that the parts of one export share while it is built. */
export interface ExportContext {
  document: Document;
  topology: ExecutableTopology;
  model: ComposeModel;
  verifyName: string;
  options: ModelOptions;
}

/** True when the runtime needs the MongoDB driver beside it. */
export const hasMongo = (topology: ExecutableTopology): boolean =>
  Object.values(topology.nodes).some((node) => node.kind === 'database' && node.config.engine === 'mongodb');

/** Mounts the built runtime, and the MongoDB driver where one of these connections needs it. */
export function addRuntimeFiles(container: ContainerModel, connections: readonly Connection[]): void {
  const needsDriver = connections.some((connection) => connection.kind === 'mongodb');
  for (const name of needsDriver ? [RUNTIME_ENTRY, MONGODB_FILE] : [RUNTIME_ENTRY])
    container.files.push({ path: `runtime/${name}`, target: `/app/runtime/${name}` });
}

/** A network name that no node has: the wanted one, or with a number behind it. */
export function freeName(document: Document, wanted: string): string {
  const names = new Set(Object.values(document.nodes).map((node) => node.name));
  let name = wanted;
  for (let n = 2; names.has(name); n++) name = `${wanted}-${n}`;
  return name;
}
