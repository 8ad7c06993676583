import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { exportCompose } from '../../src/core/compose/export-compose.ts';
import { recordVerification } from '../../src/core/compose/record-verification.ts';
import type { Recording } from '../../src/core/compose/verification.ts';
import type { Document } from '../../src/core/topology/schema/types.ts';
import { parseDocument } from '../../src/core/topology/parse.ts';
import { runVirtual } from '../../src/hosts/virtual/run-virtual.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; never throws for a failure of the program itself. */
export function run(command: string, args: string[], cwd: string, env: Record<string, string> = {}): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 240_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status: status ?? 1, stdout: stdout ?? '', stderr: (stderr ?? '') + (error ? String(error) : '') };
}

/** What the exported example runs on. */
const EXPORT_IMAGES = ['node:24-alpine', 'postgres:18-alpine', 'rabbitmq:4-management-alpine', 'hashicorp/consul:1.22'];

/** Why no stack of these images can run here, or null when one can. */
export function whyNoEngine(needed: readonly string[] = EXPORT_IMAGES): string | null {
  const info = run('docker', ['info', '--format', '{{.ServerVersion}}'], ROOT);
  if (info.status !== 0) return `docker info: ${(info.stderr || info.stdout).trim().split('\n').at(-1) ?? 'failed'}`;
  const images = run('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}'], ROOT).stdout.split('\n');
  const missing = needed.filter((tag) => !images.includes(tag));
  return missing.length > 0 ? `images missing: ${missing.join(', ')}` : null;
}

/** Names the folder that holds the runtime that was built for all files of this test run. */
export const BUILT_RUNTIME = 'CONFORMANCE_RUNTIME';
const RUNTIME_FILES = ['servarium-runtime.mjs', 'mongodb.mjs'];

/** The two files of the runtime, built from the sources as the site's build does it: once for a test run. */
export async function buildRuntime(): Promise<Record<string, string>> {
  const built = process.env[BUILT_RUNTIME];
  if (built !== undefined) return filesIn(built);
  const outDir = mkdtempSync(join(tmpdir(), 'servarium-runtime-'));
  for (const configFile of ['vite.mongodb.config.ts', 'vite.runtime.config.ts']) {
    await build({ root: ROOT, configFile: join(ROOT, configFile), logLevel: 'error', build: { outDir } });
  }
  const files = filesIn(outDir);
  rmSync(outDir, { recursive: true });
  return files;
}

const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(RUNTIME_FILES.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

/** Builds the stub that stands where MongoDB would and tags it with MongoDB's name: MongoDB itself is not run here. */
export function buildMongoStub(runtime: Record<string, string>): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'servarium-mongo-stub-'));
  cpSync(join(ROOT, 'e2e/conformance/stubs/mongo'), folder, { recursive: true });
  writeFileSync(join(folder, 'mongodb.mjs'), runtime['mongodb.mjs'] ?? '');
  const built = run('docker', ['build', '-q', '-t', 'mongo:8.0', '.'], folder);
  rmSync(folder, { recursive: true });
  return built;
}

/** A document of a file, which must be sound. */
export function documentOf(file: string): Document {
  const parsed = parseDocument(readFileSync(join(ROOT, file), 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

/** The same with ten seconds for every call: a busy machine may exceed the drawn time-outs of a second, which are not what is compared. */
export const patient = (document: Document): Document =>
  JSON.parse(JSON.stringify(document), (key, value: unknown) => (key === 'timeoutMs' ? 10_000 : value)) as Document;

/** What the tab says to `count` requests: the virtual host runs the same actors in the same order. `first` gives other traces. */
export function record(document: Document, count: number, first = 0): Recording {
  const recording = recordVerification(document, count, runVirtual, first);
  if (!recording) throw new Error('nothing to record');
  return recording;
}

/** The text of each file of an export. */
export function exported(
  document: Document,
  form: 'zip' | 'single',
  runtime: Record<string, string>,
  verify: Recording | null,
  gateway: 'runtime' | 'nginx' = 'runtime',
): Map<string, string> {
  const result = exportCompose(document, {
    form,
    gateway,
    runtime: { files: runtime },
    verify,
    secrets: { password: (name) => `pw-${name}-7f3a` },
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.files;
}

/** What keeps a stack apart from another one of the same drawing that runs at the same time. */
export interface Apart {
  project: string;
  /** Host port of the first gateway; absent = the one that is drawn. */
  port?: number;
}

/** An exported folder on the engine. Stacks of several test files run side by side: one that shares its drawing with another gets a name and a port of its own. */
export class Stack {
  readonly folder: string;
  private readonly env: Record<string, string>;

  constructor(files: Map<string, string>, apart: Apart | null = null) {
    this.env = {
      ...(apart === null ? {} : { COMPOSE_PROJECT_NAME: apart.project }),
      ...(apart?.port === undefined ? {} : { GATEWAY_PORT: String(apart.port) }),
    };
    this.folder = mkdtempSync(join(tmpdir(), 'servarium-stack-'));
    for (const [path, text] of files) this.write(path, text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }
  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  /** Puts the files of another export over these. */
  overwrite(files: Map<string, string>): void {
    for (const [path, text] of files) this.write(path, text);
  }
  /** Id of each container by service name. */
  containers(): Map<string, string> {
    const lines = this.compose('ps', '--format', '{{.Service}} {{.ID}}').stdout.trim().split('\n').sort();
    const ids = new Map<string, string>();
    for (const [service = '', id = ''] of lines.map((line) => line.split(' ')))
      ids.set(service, `${ids.get(service) ?? ''}${id} `);
    return ids;
  }
  compose(...args: string[]): Ran {
    return run('docker', ['compose', ...args], this.folder, this.env);
  }
  /** `docker compose --profile verify run --rm verify`, as the exported README says. */
  verify(...options: string[]): Ran & { failed: string[]; passed: string[] } {
    const ran = this.compose('--profile', 'verify', 'run', '--rm', ...options, 'verify');
    const lines = ran.stdout.split('\n').map((line) => line.trimEnd());
    const named = (mark: string): string[] =>
      lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(5));
    return { ...ran, failed: named('FAIL'), passed: named('ok  ') };
  }
  /** Removes containers, networks and volumes, and the folder. How containers end is tested where it matters: here they are killed, all at once. */
  remove(): void {
    this.compose('--profile', '*', 'kill');
    this.compose('--profile', '*', 'down', '-v', '--remove-orphans', '-t', '0');
    if (existsSync(this.folder)) rmSync(this.folder, { recursive: true });
  }
}
