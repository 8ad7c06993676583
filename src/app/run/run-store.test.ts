import { describe, expect, test } from 'vitest';
import type { LogEvent } from '../../core/fabric/event.ts';
import { TRACE } from '../../core/telemetry/sample-log.suite.ts';
import { definition, events, opened, setUp, state } from './opened-run.suite.ts';
import { parseLog } from './parse-log.ts';

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
