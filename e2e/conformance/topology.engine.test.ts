import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { importCompose } from '../../src/core/compose/import-compose.ts';
import { buildMongoStub, buildRuntime, documentOf, exported, record, Stack, whyNoEngine } from './stack.ts';

const REQUESTS = 40;

const reason = whyNoEngine();
if (reason !== null) console.log(`SKIP engine: ${reason}`);

describe.skipIf(reason !== null)('a topology given as a file', () => {
  let runtime: Record<string, string>;
  let stack: Stack | null = null;

  beforeAll(async () => {
    runtime = await buildRuntime();
    const stub = buildMongoStub(runtime);
    expect(stub.status, stub.stderr).toBe(0);
  });
  afterEach(() => {
    stack?.remove();
    stack = null;
  });

  /** Starts the export of a file, replays what the tab said, and reads the drawing back. */
  function proveEqual(file: string, form: 'zip' | 'single', requests = REQUESTS): void {
    const document = documentOf(file);
    const recording = record(document, requests);
    expect(recording.requests).toHaveLength(requests);
    stack = new Stack(exported(document, form, runtime, recording), { project: 'topology', port: 18_483 });
    const up = stack.compose('up', '-d', '--wait');
    expect(up.status, up.stderr + stack.compose('logs', '--tail', '20').stdout).toBe(0);
    const verified = stack.verify();
    expect(verified.failed, verified.stdout).toEqual([]);
    expect(verified.status, verified.stdout + verified.stderr).toBe(0);
    expect(verified.passed.length).toBeGreaterThanOrEqual(requests);
    expect(importCompose(stack.read('compose.yaml'))).toEqual({ ok: true, value: document });
  }

  test('one compose.yaml with everything inline: the first example', () => {
    proveEqual('public/examples/hello.json', 'single');
  });

  test('one compose.yaml with everything inline: the order saga', () => {
    // Its requests are compared at length in the other form.
    proveEqual('public/examples/order-saga.json', 'single', 12);
  });
});
