import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importCompose } from '../../src/core/compose/import-compose.ts';
import { buildMongoStub, buildRuntime, Stack, whyNoEngine } from './stack.ts';

/** What `e2e/take-home.spec.ts` drew by hand in the browser and downloaded through the export dialog. */
const TAKEN_HOME = fileURLToPath(new URL('../../node_modules/.cache/taken-home', import.meta.url));

const noEngine = whyNoEngine();
const zip = join(TAKEN_HOME, 'project.zip');
const reason = noEngine ?? (existsSync(zip) ? null : 'nothing was taken home (run the end-to-end tests first)');
if (reason !== null) console.log(`SKIP taken home: ${reason}`);

describe.skipIf(reason !== null)('the very files that the browser downloaded', () => {
  let stack: Stack;

  beforeAll(async () => {
    const stub = buildMongoStub(await buildRuntime());
    expect(stub.status, stub.stderr).toBe(0);
    const files = unzipSync(new Uint8Array(readFileSync(zip)));
    // The archive holds one folder; what is in it is the project.
    const texts = Object.entries(files)
      .filter(([path]) => !path.endsWith('/'))
      .map(([path, bytes]) => [path.replace(/^[^/]+\//, ''), Buffer.from(bytes).toString('utf8')] as const);
    stack = new Stack(new Map(texts), { project: 'taken-home', port: 18_482 });
  });
  afterAll(() => stack?.remove());

  test('start with `docker compose up --wait`, the service that was dragged in included', () => {
    const up = stack.compose('up', '-d', '--wait');
    expect(up.status, up.stderr + stack.compose('logs', '--tail', '20').stdout).toBe(0);
    const document = JSON.parse(readFileSync(join(TAKEN_HOME, 'document.json'), 'utf8')) as {
      nodes: Record<string, { kind: string; name: string }>;
    };
    const services = Object.values(document.nodes)
      .filter((node) => node.kind === 'service')
      .map((node) => node.name);
    expect(services).toHaveLength(8);
    expect([...stack.containers().keys()]).toEqual(expect.arrayContaining(services));
  });

  test('answer what the tab recorded in the same way, traces and rows equal', () => {
    const verified = stack.verify();
    expect(verified.failed, verified.stdout).toEqual([]);
    expect(verified.status, verified.stdout + verified.stderr).toBe(0);
    expect(verified.passed.length).toBeGreaterThanOrEqual(60);
    expect(verified.passed.filter((line) => line.includes('POST /api/orders')).length).toBeGreaterThanOrEqual(40);
    console.log(`taken home: ${verified.passed.length} checks passed, ${verified.failed.length} failed`);
  });

  test('open again as the same drawing', () => {
    const document: unknown = JSON.parse(readFileSync(join(TAKEN_HOME, 'document.json'), 'utf8'));
    expect(importCompose(stack.read('compose.yaml'))).toEqual({ ok: true, value: document });
  });
});
