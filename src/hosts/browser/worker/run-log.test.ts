import { expect, test } from 'vitest';
import { sha256Hex } from '../../../core/base/sha256.ts';
import type { LogEvent } from '../../../core/fabric/event.ts';
import { openRunRecords } from '../storage/run-records.ts';
import { createRunLog, LOG_LIMITS, type LogLine, type SegmentStore } from './run-log.ts';

const event = (n: number, text = `рядок ${n}`): LogEvent => ({
  t: n,
  class: 2,
  source: 'a#0',
  seq: n,
  type: 'log',
  severity: 'INFO',
  text,
  traceId: null,
  spanId: null,
});
const events = (from: number, count: number) => Array.from({ length: count }, (_, i) => event(from + i));
const encode = (e: LogEvent) => JSON.stringify(e);
const lines = (of: readonly LogEvent[]): LogLine[] => of.map((e) => ({ event: e, text: encode(e) }));
const small = {
  ...LOG_LIMITS,
  segmentEvents: 10,
  residentEvents: 20,
  residentBytes: 1_000_000,
  totalBytes: 10_000_000,
};
const expected = (count: number) =>
  `{"v":1}\n${events(0, count)
    .map((e) => `${encode(e)}\n`)
    .join('')}`;

test('the hash is that of header and all lines, however they were appended', async () => {
  const log = createRunLog('{"v":1}', null, small);
  log.append(lines(events(0, 3)));
  log.append(lines([]));
  log.append(lines(events(3, 40)));
  expect(log.events).toBe(43);
  expect(await log.text()).toBe(expected(43));
  expect(await log.sha256()).toBe(sha256Hex(expected(43)));
  log.append(lines(events(43, 1)));
  expect(await log.sha256()).toBe(sha256Hex(expected(44)));
});

test('older pieces go to IndexedDB and come back as the same bytes', async () => {
  const records = await openRunRecords('spilled');
  const log = createRunLog('{"v":1}', records.segments('run-1'), small);
  for (let i = 0; i < 100; i += 5) log.append(lines(events(i, 5)));
  expect(await log.text()).toBe(expected(100));
  expect(await records.segments('run-1').get(0)).toBe(
    events(0, 10)
      .map((e) => `${encode(e)}\n`)
      .join(''),
  );
  expect(await records.segments('run-2').get(0)).toBeUndefined();
  expect(log.dropped).toBe(0);
  records.close();
});

test('above the cap the oldest pieces are dropped and counted; the hash still covers them', async () => {
  const records = await openRunRecords('capped');
  const log = createRunLog('{"v":1}', records.segments('run-1'), { ...small, totalBytes: 3_000 });
  for (let i = 0; i < 100; i += 5) {
    log.append(lines(events(i, 5)));
    await log.text();
  }
  expect(log.dropped).toBeGreaterThan(0);
  expect((await log.text()).split('\n').length - 2 + log.dropped).toBe(100);
  expect(await log.sha256()).toBe(sha256Hex(expected(100)));
  records.close();
});

test('when the store refuses, the text stays in memory and the reason is told', async () => {
  const full: SegmentStore = {
    put: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
    get: () => Promise.resolve(undefined),
    drop: () => Promise.resolve(),
  };
  const log = createRunLog('{"v":1}', full, small);
  log.append(lines(events(0, 100)));
  expect(await log.text()).toBe(expected(100));
  expect(log.problem).toContain('full');
});

test('decision 18: a body over 16 KB is kept once, in memory and in IndexedDB, and read back in every line', async () => {
  const body = `"${'ж'.repeat(9_000)}\\`;
  const heavy = (n: number): LogEvent => event(n, n % 2 === 0 ? body : `${body}!`);
  const all = Array.from({ length: 60 }, (_, n) => heavy(n));
  const whole = `{"v":1}\n${all.map((e) => `${encode(e)}\n`).join('')}`;
  const pieces = new Map<number, string>();
  const store: SegmentStore = {
    put: (index, text) => Promise.resolve(void pieces.set(index, text)),
    get: (index) => Promise.resolve(pieces.get(index)),
    drop: (index) => Promise.resolve(void pieces.delete(index)),
  };
  const log = createRunLog('{"v":1}', store, { ...small, residentBytes: 1_000 });
  for (let i = 0; i < 60; i += 5) log.append(lines(all.slice(i, i + 5)));
  expect(await log.text()).toBe(whole);
  expect(await log.sha256()).toBe(sha256Hex(whole));
  const bytes = [...pieces.values()].reduce((sum, text) => sum + text.length, 0);
  expect(pieces.size).toBeGreaterThan(3);
  expect(bytes).toBeLessThan(3 * body.length);
  const capped = createRunLog('{"v":1}', store, { ...small, residentBytes: 1_000, totalBytes: 40_000 });
  pieces.clear();
  for (let i = 0; i < 60; i += 5) {
    capped.append(lines(all.slice(i, i + 5)));
    await capped.text();
  }
  expect(await capped.sha256()).toBe(sha256Hex(whole));
  capped.append(lines(Array.from({ length: 400 }, (_, n) => event(n, 'x'.repeat(120)))));
  await capped.text();
  capped.append(lines(Array.from({ length: 40 }, (_, n) => event(n, 'y'))));
  await capped.text();
  expect([...pieces.values()].some((text) => text.includes('ж'))).toBe(false);
});

test('a long body that the store has lost is told, not made up', async () => {
  const lost: SegmentStore = {
    put: () => Promise.resolve(),
    get: (index) => Promise.resolve(index < 0 ? undefined : ''),
    drop: () => Promise.resolve(),
  };
  const log = createRunLog('{"v":1}', lost, { ...small, residentBytes: 1_000 });
  for (let i = 0; i < 15; i++) log.append(lines([event(i, 'ж'.repeat(9_000))]));
  await expect(log.text()).rejects.toThrow('a long body is not in the store');
});

test('the hash is of the moment when it was asked for, however the log grows meanwhile, piece by piece', async () => {
  const records = await openRunRecords('asked');
  const log = createRunLog('{"v":1}', records.segments('run-1'), small);
  const asked: Promise<string>[] = [];
  for (let i = 0; i < 100; i += 5) {
    log.append(lines(events(i, 5)));
    asked.push(log.sha256());
  }
  const wanted = asked.map((_, i) => sha256Hex(expected(5 * i + 5)));
  expect(await Promise.all(asked)).toEqual(wanted);
  await log.text();
  log.append(lines(events(100, 1)));
  expect(await log.sha256()).toBe(sha256Hex(expected(101)));
  records.close();
});

test('a piece that the store has lost or cannot read is told, not left out', async () => {
  const pieces = new Map<number, string>();
  let isBroken = false;
  const store: SegmentStore = {
    put: (index, text) => Promise.resolve(void pieces.set(index, text)),
    get: (index) => (isBroken ? Promise.reject(new Error('torn')) : Promise.resolve(pieces.get(index))),
    drop: (index) => Promise.resolve(void pieces.delete(index)),
  };
  const log = createRunLog('{"v":1}', store, small);
  log.append(lines(events(0, 60)));
  expect(await log.text()).toBe(expected(60));
  isBroken = true;
  await expect(log.text()).rejects.toThrow('Failed to read the log: piece 0 cannot be read (torn)');
  isBroken = false;
  expect(pieces.delete(1)).toBe(true);
  await expect(log.text()).rejects.toThrow('Failed to read the log: piece 1 is not in the store any more');
  await expect(log.sha256()).rejects.toThrow('piece 1 is not in the store any more');
});

test('a piece that was lost before it was hashed makes the hash impossible, and that is told', async () => {
  const forgetful: SegmentStore = {
    put: () => Promise.resolve(),
    get: () => Promise.resolve(undefined),
    drop: () => Promise.resolve(),
  };
  const log = createRunLog('{"v":1}', forgetful, { ...small, totalBytes: 3_000 });
  for (let i = 0; i < 100; i += 5) {
    log.append(lines(events(i, 5)));
    await log.text().catch(() => undefined);
  }
  expect(log.dropped).toBeGreaterThan(0);
  expect(log.problem).toContain('not in the store any more');
  await expect(log.sha256()).rejects.toThrow('not in the store any more');
});
