import type { Json, JsonObject } from '../base/json.ts';
import type { FidelityAspect, FidelityNote } from './fidelity-texts.ts';

/** A file that a container sees; `path` is its place in the zip, `content` its text. */
export interface MountedFile {
  path: string;
  target: string;
}

/** One container of the export before it is printed: what both forms share, without the way files and secrets get in. */
export interface ContainerModel {
  name: string;
  image: string;
  command?: string[];
  user?: string;
  hostname?: string;
  /** Plain values; `$` is doubled by the writer. */
  environment: Record<string, string>;
  /** Values that Compose itself fills in (`${NAME:-default}`): written as they are. */
  interpolated: Record<string, string>;
  /** Environment variable -> secret whose value it needs, for images that take no `_FILE`. */
  secretEnvironment: Record<string, string>;
  files: MountedFile[];
  secrets: string[];
  healthcheck: JsonObject | null;
  dependsOn: string[];
  networks: ('edge' | 'internal')[];
  /** Named volume -> path. */
  volumes: Record<string, string>;
  /** `127.0.0.1:host:container`, host part may be interpolated. */
  ports: string[];
  /** Ports that only other containers reach, beside the usual one. */
  expose?: string[];
  replicas: number;
  limits: { cpus: string; memory: string } | null;
  profiles: string[];
  /** True for our own runtime: no capabilities at all. */
  isRuntime: boolean;
  restart: 'unless-stopped' | 'no';
  stopGraceSeconds: number;
  shmSize?: string;
}

/** The whole export before it is printed. */
export interface ComposeModel {
  project: string;
  containers: ContainerModel[];
  /** Text of every file by its path in the zip. */
  files: Map<string, string>;
  /** Secret name -> password. */
  secrets: Map<string, string>;
  /** The document, for re-import. */
  document: Json;
}

/** How closely one aspect of a node behaves as in the tab. */
export interface FidelityRow {
  /** Network name of the node, or null for the whole system. */
  node: string | null;
  aspect: string;
  level: 'exact' | 'equivalent' | 'approximate' | 'unsupported';
  note: string;
  /** Names the aspect for translation; null where it is a name that every language shares. */
  aspectText: FidelityAspect | null;
  /** Names the note for translation, with what it names. */
  noteText: FidelityNote;
  values: Readonly<Record<string, string | number>>;
}

/** Name of the environment variable that carries a secret in the zip form. */
export const secretVariable = (secret: string): string => {
  const isTokenKey = secret.endsWith('-token-key');
  const name = secret
    .replace(/-(password|token-key)$/, '')
    .replaceAll('-', '_')
    .toUpperCase();
  return `${isTokenKey ? 'TOKEN_KEY' : 'PASSWORD'}_${name}`;
};
