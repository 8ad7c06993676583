import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ShownRun, type RunSnapshot } from '../../app/run/shown-run.ts';
import { canonicalize } from '../../core/base/canonical.ts';
import { eventId } from '../../core/base/order.ts';
import type { EventOf, LogEvent } from '../../core/fabric/event.ts';
import type { RunDefinition } from '../../core/fabric/run-api.ts';
import { nodeFailure } from '../../core/telemetry/metrics.ts';
import { spanRows } from '../../core/telemetry/spans.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { VirtualRun } from '../../hosts/virtual/run-virtual.ts';
import { healthOf, refusalWords } from '../faces/health.ts';
import { placeDots } from '../packets/dots.ts';
import { en } from '../text/en/index.ts';
import { createTexts } from '../text/texts.ts';

const document = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8')) as Document;
const definition: RunDefinition = {
  documentId: document.id,
  topology: compileTopology(document),
  initialData: null,
  seed: 4207,
  inputs: [],
};
const fault = document.demo?.break?.fault;
const END = 6e6;
const texts = createTexts('en', en);
const straight = { length: 100, at: (part: number) => ({ x: part * 100, y: 0, angle: 0 }) };
const options = { showRegistration: true, reducedMotion: false, zoom: 1, held: null };

let events: readonly LogEvent[];
/** An order whose payment is broken from the start. */
beforeAll(() => {
  if (fault === undefined) throw new Error('the example has a fault to show');
  const run = new VirtualRun(definition);
  run.runUntil(1e6);
  run.inject({ kind: 'fault.set', fault });
  run.inject({ kind: 'request', node: 'web', requestId: 'create-order' });
  run.runUntil(END);
  ({ events } = run);
});

/** What the page publishes after it took this log in batches, as it does frame by frame; at a past time when `t` is given. */
async function page(log: readonly LogEvent[], t?: number): Promise<RunSnapshot> {
  const frames: (() => void)[] = [];
  const shown = new ShownRun({ frame: (callback) => void frames.push(callback), wallMs: () => 0 });
  const draw = (): void => frames.splice(0).forEach((frame) => frame());
  shown.begin(definition);
  for (let at = 0; at < log.length; at += 97) {
    const batch = log.slice(at, at + 97);
    const now = batch.at(-1)?.t ?? 0;
    const state = { status: 'paused' as const, now, speed: 1, behindMs: 0, events: at, inputs: 0, failure: null };
    shown.take({ events: batch, state }, 0);
    draw();
  }
  if (t !== undefined) await shown.seek(t, () => Promise.resolve(''));
  draw();
  return shown.snapshot;
}

/** Which dots, not which is drawn first. */
const dotsAt = ({ view }: RunSnapshot, t: number): string[] =>
  placeDots(view.packets.values(), t, () => straight, options)
    .dots.map(({ packet }) => packet.id)
    .sort();
const rowsOf = ({ view }: RunSnapshot, traceId: string): string[] => {
  const trace = view.traces.get(traceId);
  return trace === undefined ? [] : spanRows(trace).map(({ span }) => span.spanId);
};
const faceOf = ({ view }: RunSnapshot, node: string): string => {
  const mine = [...view.instances.values()].filter((one) => one.node === node);
  const { reason } = healthOf(mine, nodeFailure(view, view.nodes.get(node)), null, texts);
  return `${reason} ${refusalWords(view.nodes.get(node), texts)?.count}`;
};
const ofType = <T extends LogEvent['type']>(type: T): [number, EventOf<T>][] =>
  events.flatMap((event, index) => (event.type === type ? [[index, event as EventOf<T>]] : []));

/** Takes one event of a type out of the log, again and again, and hands over what the page shows with and without it. */
async function without<T extends LogEvent['type']>(
  type: T,
  runs: number,
  check: (gone: EventOf<T>, page: (t?: number) => Promise<[RunSnapshot, RunSnapshot]>) => Promise<void>,
): Promise<void> {
  const all = ofType(type);
  expect(all.length).toBeGreaterThan(0);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...all), async ([index, gone]) => {
      const rest = events.toSpliced(index, 1);
      await check(gone, (t) => Promise.all([page(events, t), page(rest, t)]));
    }),
    { numRuns: runs },
  );
}

test('without the event of a message the page shows every dot but that one', () =>
  without('message.sent', 20, async (gone, both) => {
    const t = Math.floor((gone.t + gone.arriveAt) / 2);
    const [whole, less] = await both(t);
    const id = eventId(gone);
    expect(dotsAt(whole, t)).toContain(id);
    expect(dotsAt(less, t)).toEqual(dotsAt(whole, t).filter((one) => one !== id));
  }));

test('without the event of a span the waterfall has every row but that one', () =>
  without('span.started', 30, async (gone, both) => {
    const [whole, less] = await both();
    expect(rowsOf(whole, gone.traceId)).toContain(gone.spanId);
    const left = rowsOf(whole, gone.traceId).filter((one) => one !== gone.spanId);
    expect(rowsOf(less, gone.traceId).sort()).toEqual(left.sort());
  }));

test('without the event of a changed row the data panel has the row as it was before', () =>
  without('store.applied', 30, async (gone, both) => {
    const [whole, less] = await both(gone.t);
    const row = ({ view }: RunSnapshot) =>
      canonicalize(view.tables.get(`${gone.store}/${gone.table}`)?.get(gone.key) ?? null);
    const later = events.findLast(
      (event) =>
        event.type === 'store.applied' &&
        event.t <= gone.t &&
        event.store === gone.store &&
        event.table === gone.table &&
        event.key === gone.key,
    );
    // Of several changes in one instant the last is what stands.
    if (later !== gone) return;
    expect([row(whole), row(less)]).toEqual([canonicalize(gone.after), canonicalize(gone.before)]);
  }));

test('without the event of the declined payment its face has no badge and its saga no failed step', async () => {
  const [index, failed] = ofType('step.failed').find(([, { byFault }]) => byFault) ?? [-1, undefined];
  if (failed === undefined) throw new Error('the fault broke a step');
  const [whole, less] = await Promise.all([page(events, failed.t), page(events.toSpliced(index, 1), failed.t)]);
  expect(faceOf(whole, 'payment')).toContain('declined by fault: 100 %');
  expect(faceOf(less, 'payment')).toBe(faceOf(await page(events, failed.t - 1), 'payment'));
  const failedSteps = ({ view }: RunSnapshot) =>
    [...view.sagas.values()].flatMap(({ steps }) => steps.filter(({ state }) => state === 'failed'));
  const end = await Promise.all([page(events), page(events.toSpliced(index, 1))]);
  expect(end.map((snapshot) => failedSteps(snapshot).length)).toEqual([1, 0]);
});
