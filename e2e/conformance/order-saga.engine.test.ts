import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalize } from '../../src/core/base/canonical.ts';
import { importCompose } from '../../src/core/compose/import-compose.ts';
import type { Recording } from '../../src/core/compose/verification.ts';
import type { Document, Step } from '../../src/core/topology/schema/types.ts';
import { buildMongoStub, buildRuntime, documentOf, exported, patient, record, Stack, whyNoEngine } from './stack.ts';

/** As many as hold 40 orders with the example's seed. */
const REQUESTS = 64;
const reason = whyNoEngine();
if (reason !== null) console.log(`SKIP engine: ${reason}`);

/** Requests per planted drift. */
const DRIFT_REQUESTS = 10;

type Service = Extract<Document['nodes'][string], { kind: 'service' }>;
function serviceOf(document: Document, id: string): Service {
  const node = document.nodes[id];
  if (node?.kind !== 'service') throw new Error(`no service ${id}`);
  return node;
}
/** Every step of a handler list at any depth, with the list that it stands in. */
function* stepsOf(steps: Step[]): Generator<[Step, Step[]]> {
  for (const step of steps.slice()) {
    yield [step, steps];
    const lists = Object.values(step).flatMap((value: unknown): unknown[] =>
      Array.isArray(value) ? [value, ...value.map((item: unknown) => (item as { steps?: Step[] } | null)?.steps)] : [],
    );
    for (const list of lists)
      if (
        Array.isArray(list) &&
        list.every((item: unknown) => typeof item === 'object' && item !== null && 'do' in item)
      )
        yield* stepsOf(list as Step[]);
  }
}

/** Differences that somebody might bring into an exported folder, each for itself. */
const DRIFTS: Record<string, { service: string; plant: (document: Document) => void }> = {
  'failure rate': {
    service: 'payment',
    plant: (document) => void (serviceOf(document, 'payment').config.values['declineRate'] = 0.5),
  },
  'removed step': {
    service: 'shipping',
    plant(document) {
      for (const handler of serviceOf(document, 'shipping').config.subscriptions) {
        for (const [step, list] of stepsOf(handler.steps))
          if (step.id === 'shipment-created') list.splice(list.indexOf(step), 1);
      }
    },
  },
  'changed body field': {
    service: 'order',
    plant(document) {
      const endpoint = serviceOf(document, 'order').config.endpoints.find((one) => one.id === 'create-order');
      for (const [step] of stepsOf(endpoint?.steps ?? []))
        if (step.do === 'respond') step.body = { changed: step.body };
    },
  },
};

describe.skipIf(reason !== null)('order saga in containers', () => {
  let document: Document;
  let runtime: Record<string, string>;
  let recording: Recording;
  let stack: Stack;
  let first = REQUESTS;
  let lastDrifted = 'payment';

  beforeAll(async () => {
    document = patient(documentOf('public/examples/order-saga.json'));
    runtime = await buildRuntime();
    const stub = buildMongoStub(runtime);
    expect(stub.status, stub.stderr).toBe(0);
    recording = record(document, REQUESTS);
    stack = new Stack(exported(document, 'zip', runtime, recording));
  });
  afterAll(() => stack?.remove());

  test('the recording holds at least 40 orders with every outcome that the seeds bring', () => {
    const orders = recording.requests.filter((one) => one.request.method === 'POST');
    expect(orders.length).toBeGreaterThanOrEqual(40);
    const said = JSON.stringify(recording.rows['order-db']);
    expect(said).toContain('COMPLETED');
    expect(said).toContain('CANCELLED');
  });

  test('docker compose config accepts it, and up --wait makes every container healthy', () => {
    const config = stack.compose('config', '-q');
    expect([config.status, config.stderr]).toEqual([0, '']);
    const startedAt = Date.now();
    const up = stack.compose('up', '-d', '--wait');
    console.log(`up --wait: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    expect(up.status, up.stderr + stack.compose('logs', '--tail', '20').stdout).toBe(0);
  });

  test('every request, every service of its trace and every row are equal to the tab', () => {
    const verified = stack.verify();
    expect(verified.failed, verified.stdout).toEqual([]);
    expect(verified.status, verified.stdout + verified.stderr).toBe(0);
    expect(verified.stdout).toMatch(new RegExp(`${recording.requests.length + 7} passed, 0 failed`));
  });

  test('importing the exported file gives the same document', () => {
    expect(importCompose(stack.read('compose.yaml'))).toEqual({ ok: true, value: document });
  });

  test.each(Object.entries(DRIFTS))(
    'planted drift is caught, and nothing else: %s',
    async (_name, { service, plant }) => {
      const drifted = structuredClone(document);
      plant(drifted);
      first += DRIFT_REQUESTS;
      const [expected, got] = [record(document, DRIFT_REQUESTS, first), record(drifted, DRIFT_REQUESTS, first)];
      const differs = expected.requests.filter(
        (one, at) => canonicalize(one.trace) !== canonicalize(got.requests[at]?.trace ?? null),
      );
      expect(differs.length).toBeGreaterThan(0);
      const before = stack.containers();
      stack.overwrite(exported(drifted, 'zip', runtime, expected));
      const up = stack.compose('up', '-d', '--wait');
      expect(up.status, up.stderr).toBe(0);
      const after = stack.containers();
      // The hash label makes compose recreate what changed (and what waits for that), and nothing else.
      const changed = [...new Set([service, lastDrifted])].sort();
      lastDrifted = service;
      const recreated = [...after.keys()].filter((name) => after.get(name) !== before.get(name));
      expect(recreated.filter((name) => name !== 'api-gateway' || !changed.includes('order'))).toEqual(changed);
      // Discovered lists are kept for 5 s; the other services are not called.
      if (service === 'order') await new Promise((resolve) => setTimeout(resolve, 5_500));
      const verified = stack.verify('-e', 'VERIFY_TIMEOUT_MS=1500');
      expect(verified.status).toBe(1);
      // Rows are those of all recordings so far: only the requests are looked at.
      expect(verified.failed.filter((line) => !line.startsWith('rows of'))).toEqual(differs.map((one) => one.id));
    },
  );

  test('another valid behaviour of payment goes home, too', () => {
    const other = structuredClone(document);
    const payment = serviceOf(other, 'payment');
    for (const handler of payment.config.subscriptions) {
      for (const [step] of stepsOf(handler.steps)) {
        // Dear orders are declined instead of random ones.
        if (step.id === 'decide' && step.do === 'choose' && step.when[0])
          step.when[0].if = '${message.body.total > 1500}';
      }
    }
    first += DRIFT_REQUESTS;
    const recording = record(other, DRIFT_REQUESTS, first);
    const orders = recording.requests.filter((one) => one.request.method === 'POST');
    expect(orders.filter((one) => JSON.stringify(one.trace).includes('payment.failed')).length).toBeGreaterThan(0);
    stack.overwrite(exported(other, 'zip', runtime, recording));
    const up = stack.compose('up', '-d', '--wait');
    expect(up.status, up.stderr).toBe(0);
    const verified = stack.verify();
    expect(
      verified.failed.filter((line) => !line.startsWith('rows of')),
      verified.stdout,
    ).toEqual([]);
    expect(verified.passed.length).toBeGreaterThanOrEqual(DRIFT_REQUESTS);
  });
});
