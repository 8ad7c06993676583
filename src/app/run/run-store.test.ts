import { describe, expect, test } from 'vitest';
import { ok } from '../../core/base/result.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { RunBatch, RunDefinition, RunPort, RunState } from '../../core/fabric/run-api.ts';
import { declinedOrder, SAMPLE_TOPOLOGY, TRACE } from '../../core/telemetry/sample-log.suite.ts';
import { parseLog } from './parse-log.ts';
import { createRunStore } from './run-store.ts';

const events = declinedOrder();
const state = (now: number, more: Partial<RunState> = {}): RunState => ({
  status: 'running',
  now,
  speed: 1,
  behindMs: 0,
  events: 0,
  inputs: 0,
  failure: null,
  ...more,
});
const definition: RunDefinition = {
  documentId: 'sample',
  topology: SAMPLE_TOPOLOGY,
  initialData: null,
  seed: 1,
  inputs: [],
};

function setUp() {
  let listener: ((batch: RunBatch) => void) | null = null;
  let inputs = 0;
  const calls: string[] = [];
  const done = (name: string) => async () => void calls.push(name);
  const port: RunPort = {
    open: async () => {
      calls.push('open');
      return ok(state(0, { status: 'paused' }));
    },
    close: done('close'),
    play: done('play'),
    pause: done('pause'),
    step: done('step'),
    setSpeed: async (speed) => void calls.push(`speed ${speed}`),
    inject: async (body) => ok({ at: 0, seq: inputs++, body }),
    edge: async () => ({ status: 200, headers: {}, body: null }),
    hash: async () => ({ sha256: '', events: 0, until: 0 }),
    log: async () => ['{}', ...events.map((event) => JSON.stringify(event)), ''].join('\n'),
    inputs: async () => [],
    stored: async () => [],
    wipe: done('wipe'),
    subscribe(next) {
      listener = next;
      return () => undefined;
    },
  };
  const frames: (() => void)[] = [];
  let wallMs = 0;
  const store = createRunStore(port, { frame: (callback) => void frames.push(callback), wallMs: () => wallMs });
  return {
    store,
    calls,
    report: (batch: LogEvent[], next: RunState) => listener?.({ events: batch, state: next }),
    frame: () => frames.splice(0).forEach((callback) => callback()),
    waitMs: (ms: number) => (wallMs += ms),
    wallMs: () => wallMs,
  };
}
async function opened() {
  const run = setUp();
  await run.store.open(definition, { speed: 1, play: true });
  run.frame();
  return run;
}

describe('snapshots', () => {
  test('come once per frame, with what the batches said', async () => {
    const run = await opened();
    let told = 0;
    run.store.subscribe(() => (told += 1));
    run.report(events.slice(0, 5), state(100));
    run.report(events.slice(5), state(16_000));
    expect(told).toBe(0);
    run.frame();
    expect([told, run.store.get().view.events, run.store.get().state.now]).toEqual([1, events.length, 16_000]);
  });
  test('at full speed come ten times a second and at once for what is pressed; the picture waits with them', async () => {
    const run = await opened();
    const told: number[] = [];
    run.store.subscribe(() => told.push(run.store.get().state.now));
    const racing = (now: number) => state(now, { speed: Infinity });
    run.report(events, racing(1_000));
    run.frame();
    expect(told).toEqual([1_000]);
    for (let now = 2_000; now <= 9_000; now += 1_000) {
      run.waitMs(16);
      run.report([], racing(now));
      run.frame();
    }
    expect(told).toEqual([1_000, 8_000]);
    expect(run.store.playhead(run.wallMs())).toBe(8_000);
    run.store.select({ queue: 'orders' });
    run.frame();
    expect(told).toEqual([1_000, 8_000, 9_000]);
    run.report([], { ...racing(9_500), status: 'paused' });
    run.frame();
    expect(told.at(-1)).toBe(9_500);
  });
  test('keep the identity of what did not change', async () => {
    const run = await opened();
    run.report(events, state(16_000));
    run.frame();
    const before = run.store.get();
    const log = {
      t: 16_100,
      class: 3,
      source: 'order#0',
      seq: 99,
      type: 'log',
      severity: 'INFO',
      text: 'x',
      traceId: null,
      spanId: null,
    } as const;
    run.report([log], state(16_200));
    run.frame();
    const after = run.store.get();
    expect(after).not.toBe(before);
    expect(after.view.nodes).toBe(before.view.nodes);
    expect(after.view.logs).not.toBe(before.view.logs);
    expect([before.view.logs.length, after.view.logs.length]).toEqual([1, 2]);
  });
  test('opening another run forgets the former one', async () => {
    const run = await opened();
    run.report(events, state(16_000));
    await run.store.open(definition, { speed: 1, play: false });
    run.frame();
    expect([run.store.get().view.events, run.calls]).toEqual([0, ['open', 'close', 'open']]);
  });
  test('runs open one after the other, and the former one ends first', async () => {
    const run = setUp();
    const options = { speed: 1, play: true };
    await Promise.all([run.store.open(definition, options), run.store.open(definition, options), run.store.close()]);
    expect(run.calls).toEqual(['open', 'close', 'open', 'close']);
    run.frame();
    expect(run.store.get()).toMatchObject({ definition: null, state: { status: 'idle' } });
  });
});

describe('seek', () => {
  test('shows the past while the run goes on, and comes back', async () => {
    const run = await opened();
    run.report(events.slice(0, 12), state(8000));
    await run.store.seek(1600);
    run.frame();
    expect(run.store.get()).toMatchObject({ seekT: 1600 });
    expect(run.store.get().view.tables.get('orders/orders')?.size).toBe(1);
    expect(run.store.get().view.traces.get(TRACE)?.spans.size).toBe(1);
    run.report(events.slice(12), state(16_000));
    run.frame();
    expect([run.store.get().view.t, run.store.playhead(run.wallMs())]).toEqual([1600, 1600]);
    run.store.live();
    run.frame();
    expect(run.store.get().view.traces.get(TRACE)?.spans.size).toBe(4);
    expect(run.store.get().seekT).toBeNull();
  });
  test('the timeline goes on while the past is shown', async () => {
    const run = await opened();
    run.report(events.slice(0, 9), state(2000));
    await run.store.seek(1000);
    run.report(events.slice(9), state(16_000));
    run.frame();
    const { timeline, view } = run.store.get();
    expect([timeline.marks.length, view.marks.length]).toEqual([2, 1]);
    expect(timeline.activity.messages[0]).toBe(3);
  });
  test('never goes past what is known, nor before 0', async () => {
    const run = await opened();
    run.report(events, state(16_000));
    await run.store.seek(99_000);
    run.frame();
    expect(run.store.get().seekT).toBe(16_000);
    await run.store.seek(-5);
    run.frame();
    expect(run.store.get().seekT).toBe(0);
  });
  test('playing and stepping return to now first', async () => {
    const run = await opened();
    run.report(events, state(16_000, { status: 'paused' }));
    await run.store.seek(10);
    await run.store.togglePlay();
    run.frame();
    expect([run.store.get().seekT, run.calls]).toEqual([null, ['open', 'play']]);
  });
});

describe('playhead', () => {
  const frames = (run: Awaited<ReturnType<typeof opened>>, count: number): number[] =>
    Array.from({ length: count }, () => {
      run.waitMs(16);
      return run.store.playhead(run.wallMs());
    });

  test('with the fabric frozen 2 s of frames move nothing', async () => {
    const run = await opened();
    for (let now = 0; now <= 500_000; now += 16_000) {
      run.report([], state(now));
      frames(run, 1);
    }
    run.report([], state(500_000, { status: 'paused' }));
    const shown = frames(run, 125);
    expect(new Set(shown)).toEqual(new Set([500_000]));
  });
  test('without a word of pausing it stops at the last reported time', async () => {
    const run = await opened();
    run.report([], state(40_000));
    const shown = frames(run, 125);
    expect([Math.max(...shown), shown.at(-1)]).toEqual([40_000, 40_000]);
  });
  test('is linear between reports that come in bursts, and never later than they say', async () => {
    const run = await opened();
    const shown: number[] = [];
    for (let frame = 1; frame <= 200; frame += 1) {
      run.waitMs(16);
      if (frame % 2 === 0) run.report([], state(frame * 16_000));
      const at = run.store.playhead(run.wallMs());
      expect(at).toBeLessThanOrEqual(Math.floor(frame / 2) * 32_000);
      shown.push(at);
    }
    const steps = shown.slice(100).map((at, index) => at - (shown[99 + index] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(11_000);
    expect(Math.max(...steps)).toBeLessThan(21_000);
  });
  test('at full speed it is the reported time', async () => {
    const run = await opened();
    run.report([], state(9_000_000, { speed: Infinity }));
    expect(frames(run, 1)).toEqual([9_000_000]);
  });
});

describe('selection', () => {
  test('a message selects its span and trace', async () => {
    const run = await opened();
    run.report(events, state(16_000));
    run.frame();
    const [id] = run.store.get().view.messages.keys();
    run.store.openMessage(id ?? null);
    run.frame();
    expect(run.store.get()).toMatchObject({ openMessage: id, selection: { messageId: id, traceId: TRACE } });
    run.store.openMessage(null);
    run.frame();
    expect(run.store.get()).toMatchObject({ openMessage: null, selection: { messageId: id } });
  });
});

test('inject before a run is a problem, not an exception', async () => {
  const run = setUp();
  expect(await run.store.inject({ kind: 'wipe' })).toEqual({
    ok: false,
    error: [
      {
        code: 'RUN_STOPPED',
        text: 'RUN_STOPPED',
        values: { input: 'wipe', status: 'idle' },
        message: 'Failed to inject wipe: the run is not open (status idle)',
        at: '',
        severity: 'error',
      },
    ],
  });
});

test('what is pressed during the boot waits for its end', async () => {
  const run = await opened();
  run.report([], state(-1000, { status: 'booting' }));
  let done = false;
  const pressed = run.store.inject({ kind: 'wipe' }).then(() => (done = true));
  await Promise.resolve();
  expect(done).toBe(false);
  run.report([], state(0));
  expect(await pressed).toBe(true);
});

describe('faults now', () => {
  const fault = { kind: 'step-error' as const, node: 'payment', step: 'charge', rate: 1, code: 'declined' };
  const logged = (seq: number, kind: 'fault.set' | 'fault.clear'): LogEvent => {
    return { t: 1000 + seq, class: 0, source: 'input', seq, type: 'input', input: { kind, fault } };
  };
  test('hold what was pressed in a paused run, so that a second press does the opposite', async () => {
    const run = await opened();
    const seen = async (kind: 'fault.set' | 'fault.clear') => {
      await run.store.inject({ kind, fault });
      run.frame();
      return [...run.store.get().faultsNow.keys()];
    };
    expect([await seen('fault.set'), await seen('fault.clear')]).toEqual([['payment/step-error/charge'], []]);
    run.report([logged(0, 'fault.set')], state(1));
    run.frame();
    expect([...run.store.get().faultsNow.keys()]).toEqual([]);
  });
  test('are those of the log once it has the input, also while the past is shown', async () => {
    const run = await opened();
    run.report([logged(0, 'fault.set')], state(9_000));
    // The answer to the press comes after the log had it.
    await run.store.inject({ kind: 'fault.set', fault });
    run.report([logged(1, 'fault.clear')], state(10_000));
    run.report([logged(2, 'fault.set')], state(11_000));
    run.frame();
    await run.store.seek(1001);
    run.frame();
    expect([run.store.get().view.faults.size, ...run.store.get().faultsNow.keys()]).toEqual([
      0,
      'payment/step-error/charge',
    ]);
  });
});

test('a log is read without its header, with or without a last newline', () => {
  expect(parseLog('{"v":1}\n{"t":1}\n{"t":2}').map((event) => event.t)).toEqual([1, 2]);
  expect(parseLog('{"v":1}\n').length).toBe(0);
  expect(parseLog('').length).toBe(0);
});
