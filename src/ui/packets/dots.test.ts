import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldContext, foldTo } from '../../core/telemetry/fold.ts';
import { logWriter, SAMPLE_TOPOLOGY, span, TRACE } from '../../core/telemetry/sample-log.suite.ts';
import type { PacketView } from '../../core/telemetry/view.ts';
import { aggregation, dotScale, hitDot, isCopy, messageOf, placeDots, type DotOptions, type Way } from './dots.ts';

const straight: Way = { length: 100, at: (part) => ({ x: part * 100, y: 0, angle: 0 }) };
const options: DotOptions = { showRegistration: true, reducedMotion: false, zoom: 1, held: null };
const context = foldContext(SAMPLE_TOPOLOGY);
const request = { kind: 'http.request' as const, method: 'GET', path: '/', headers: {}, body: null };

function packetsOf(write: (log: ReturnType<typeof logWriter>) => void): PacketView[] {
  const log = logWriter();
  write(log);
  return [...foldTo(log.events, Infinity, context).packets.values()];
}
const at = (packets: PacketView[], t: number, more: Partial<DotOptions> = {}) =>
  placeDots(packets, t, () => straight, { ...options, ...more });

describe('one dot is one message', () => {
  const packets = packetsOf((log) => log.send(1000, 'order#0', 'payment#0', request));
  test('it moves linearly in virtual time from departure to arrival, and is nowhere else', () => {
    expect([999, 1000, 2000, 3500, 5999, 6000].map((t) => at(packets, t).dots.map((dot) => dot.x))).toEqual([
      [],
      [0],
      [20],
      [50],
      [expect.closeTo(99.98, 5)],
      [],
    ]);
  });
  test('against the link it goes the other way, its tick with it', () => {
    const [reply] = packetsOf((log) => log.send(0, 'payment#0', 'order#0', { kind: 'registry.ok' }));
    const [dot] = at(reply ? [reply] : [], 1000).dots;
    expect([dot?.x, dot?.angle, dot?.shape, dot?.outcome]).toEqual([80, Math.PI, 'reply', 'ok']);
  });
  test('without motion it stands in three places', () => {
    const places = [1000, 2600, 2700, 4400, 5900].map((t) => at(packets, t, { reducedMotion: true }).dots[0]?.x);
    expect(new Set(places.map((x) => Math.round(x ?? 0)))).toEqual(new Set([17, 50, 83]));
  });
  test('on a held link time stands still', () => {
    expect(at(packets, 5000, { held: { link: 'order-payment', t: 2000 } }).dots[0]?.x).toBe(20);
    expect(at(packets, 5000, { held: { link: 'other', t: 2000 } }).dots[0]?.x).toBe(80);
  });
});

describe('colours on the wire', () => {
  const trace = { traceId: TRACE, spanId: span(1) };
  test('a request stays neutral after its failing reply is known', () => {
    const packets = packetsOf((log) => {
      const id = log.send(0, 'order#0', 'payment#0', request);
      log.send(
        5000,
        'payment#0',
        'order#0',
        { kind: 'http.reply', status: 500, headers: {}, body: null },
        { inReplyTo: id },
      );
    });
    expect(at(packets, 2000).dots.map((dot) => dot.outcome)).toEqual(['flight']);
    expect(at(packets, 7000).dots.map((dot) => [dot.shape, dot.outcome])).toEqual([['reply', 'error']]);
  });
  test('compensation is amber from its departure', () => {
    const packets = packetsOf((log) =>
      log.send(0, 'order#0', 'payment#0', request, {
        trace: { ...trace, saga: { name: 'order', direction: 'compensation' } },
      }),
    );
    expect(at(packets, 1).dots[0]?.outcome).toBe('compensation');
  });
  test('a lost message falls off half way and leaves a mark', () => {
    const packets = packetsOf((log) => log.send(0, 'order#0', 'payment#0', request, { fate: 'lost' }));
    expect(at(packets, 2400).dots[0]).toMatchObject({ outcome: 'flight', y: 0 });
    expect(at(packets, 2400).marks).toEqual([]);
    expect(at(packets, 3750).dots[0]).toMatchObject({ outcome: 'dropped', x: 50, y: 13 });
    expect(at(packets, 9000)).toMatchObject({ dots: [], marks: [{ x: 50 }] });
    expect(at(packets, 2_000_000)).toMatchObject({ dots: [], marks: [] });
  });
  test('what the network delivers twice is two dots of one message, each with its own arrival', () => {
    let message = '';
    const packets = packetsOf((log) => {
      message = log.send(0, 'order#0', 'payment#0', request);
      log.put(0, 'net', { type: 'message.duplicated', message, arriveAt: 10_000 });
    });
    const { dots } = at(packets, 2500);
    expect(dots.map((dot) => [dot.x, isCopy(dot), messageOf(dot)])).toEqual([
      [50, false, message],
      [25, true, message],
    ]);
    expect(at(packets, 7500).dots.map((dot) => [dot.x, isCopy(dot)])).toEqual([[75, true]]);
  });
  test('a refused message stays at the closed door with a cross', () => {
    const packets = packetsOf((log) => {
      const message = log.send(0, 'order#0', 'payment#0', request);
      log.put(5000, 'order#0', { type: 'message.refused', message, to: 'payment#0', reason: 'connection_refused' });
    });
    expect(at(packets, 6000).dots[0]).toMatchObject({ x: 100, outcome: 'error' });
    expect(at(packets, 10_000).dots).toEqual([]);
  });
});

describe('density', () => {
  test('few are single, many share a dot', () => {
    expect([aggregation(12, 10), aggregation(13, 10), aggregation(100, 900), aggregation(1000, 90)]).toEqual([
      1, 2, 1, 100,
    ]);
  });
  test('weights and hidden messages always sum up to the messages on the wire', () => {
    const message = fc.record({
      start: fc.integer({ min: 0, max: 8000 }),
      back: fc.boolean(),
      fate: fc.constantFrom('deliver' as const, 'lost' as const),
      registry: fc.boolean(),
      link: fc.constantFrom('order-payment', 'order-orders', 'gone'),
    });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 400 }),
        fc.integer({ min: 0, max: 13_000 }),
        fc.boolean(),
        (all, t, shown) => {
          const packets = packetsOf((log) => {
            for (const { start, back, fate, registry, link } of all.sort((a, b) => a.start - b.start)) {
              const [from, to] = back ? ['payment#0', 'order#0'] : ['order#0', 'payment#0'];
              log.send(start, from, to, registry ? { kind: 'registry.heartbeat', service: 'x' } : request, {
                fate,
                link,
              });
            }
          });
          const wayOf = (packet: PacketView) => (packet.link === 'gone' ? undefined : straight);
          const scene = placeDots(packets, t, wayOf, { ...options, showRegistration: shown });
          const weights = scene.dots.reduce((sum, dot) => sum + dot.weight, 0);
          const flying = all.filter(({ start }) => start <= t && t < start + 5000).length;
          expect(weights + scene.hidden).toBe(flying);
          for (const { link, per } of scene.aggregated) {
            const dots = scene.dots.filter((dot) => dot.packet.link === link && dot.outcome !== 'dropped');
            expect(Math.max(...dots.map((dot) => dot.weight))).toBeLessThanOrEqual(per);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('size hints at bytes and stays within limits', () => {
  expect([dotScale(0), dotScale(318), dotScale(1e9)]).toEqual([0.7, 1, 1.8]);
  expect(dotScale(121)).toBeLessThan(dotScale(1900));
});

test('a press finds the nearest dot within reach', () => {
  const packets = packetsOf((log) => {
    log.send(0, 'order#0', 'payment#0', request);
    log.send(1000, 'order#0', 'payment#0', request);
  });
  const { dots } = at(packets, 2000);
  expect([hitDot(dots, 38, 5, 13)?.x, hitDot(dots, 29, 0, 13)?.x, hitDot(dots, 70, 0, 13)]).toEqual([40, 20, null]);
});
