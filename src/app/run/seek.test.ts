import { describe, expect, test } from 'vitest';
import type { LogEvent } from '../../core/fabric/event.ts';
import { LIMITS } from '../../core/telemetry/limits.ts';
import { TRACE } from '../../core/telemetry/sample-log.suite.ts';
import { events, opened, state } from './opened-run.suite.ts';

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
  describe('before the oldest event in memory', () => {
    /** A run whose first chunk of events, `events` and fillers, is out of memory: one of them counts for more than the ring holds. */
    async function long() {
      const run = await opened();
      const large = { ...events.find((event) => event.type === 'message.sent'), size: LIMITS.historyBytes } as LogEvent;
      const filler = (n: number): LogEvent => ({
        t: 20_000 + n,
        class: 3,
        source: 'order#0',
        seq: 1000 + n,
        type: 'log',
        severity: 'INFO',
        text: 'x',
        traceId: null,
        spanId: null,
      });
      const all = [
        ...events,
        { ...large, t: 20_000 },
        ...Array.from({ length: LIMITS.checkpointEvents }, (_, n) => filler(n)),
      ];
      run.report(all, state(40_000, { events: all.length }));
      run.frame();
      const text = ['{}', ...all.map((event) => JSON.stringify(event)), ''].join('\n');
      return { ...run, all, text, seen: () => [run.store.get().seekT, run.store.get().oldest > 20_000] };
    }
    test('the whole log is read', async () => {
      const run = await long();
      run.port.log = async () => run.text;
      expect(await run.store.seek(1600)).toEqual({ ok: true, value: null });
      run.frame();
      expect(run.seen()).toEqual([1600, true]);
      expect(run.store.get().view.traces.get(TRACE)?.spans.size).toBe(1);
    });
    test('a piece that is lost, or events given up for space, are a problem in words; what is shown stays', async () => {
      const run = await long();
      run.port.log = () => Promise.reject(new Error('piece 0 is not in the store any more'));
      const seconds = run.store.get().oldest / 1e6;
      expect(await run.store.seek(1600)).toMatchObject({
        ok: false,
        error: [
          {
            code: 'LOG_LOST',
            message: `Failed to show 0.0016 s: a piece of the log is lost; it is whole from ${seconds} s on (piece 0 is not in the store any more)`,
          },
        ],
      });
      run.port.log = async () => run.text.split('\n').toSpliced(1, 100).join('\n');
      expect(await run.store.seek(1600)).toMatchObject({
        ok: false,
        error: [
          {
            code: 'LOG_LOST',
            message: `Failed to show 0.0016 s: the oldest events were given up for space; the log is whole from ${seconds} s on`,
          },
        ],
      });
      run.frame();
      expect(run.seen()).toEqual([null, true]);
    });
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
