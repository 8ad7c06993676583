import { strFromU8, unzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runVirtual } from '../../hosts/virtual/run-virtual.ts';
import { parseDocument } from '../topology/parse.ts';
import { recordVerification } from './record-verification.ts';
import { smallDocument } from './testing/small-document.ts';
import { zipFiles } from './zip-files.ts';

describe('recordVerification', () => {
  test('records each request with its reply, its canonical trace and the rows left at the end', () => {
    const recording = recordVerification(smallDocument(), 3, runVirtual);
    expect(recording?.requests.map((one) => [one.id, one.entry, one.reply.status])).toEqual([
      ['1 POST /api/notes', 'gateway', 201],
      ['2 POST /api/notes', 'gateway', 201],
      ['3 POST /api/notes', 'gateway', 201],
    ]);
    const [first] = recording?.requests ?? [];
    expect(first?.request.headers['traceparent']).toBe(`00-${first?.traceId}-${first?.spanId}-01`);
    const trace = first?.trace as { services: Record<string, { event: string }[]> } | undefined;
    expect(trace?.services['notes']?.map((entry) => entry.event)).toEqual(['handle', 'reply', 'handle', 'publish']);
    // Each note got its star by the subscription: nothing was still under way.
    const stars = recording?.rows['notes-db']
      ?.filter((row) => row.table === 'notes')
      .map((row) => (row.row as { stars: number }).stars);
    expect(stars?.sort()).toEqual([2, 2, 2, 3]);
  });

  test('is the same every time; another first number gives other traces', () => {
    const parsed = parseDocument(readFileSync('public/examples/order-saga.json', 'utf8'));
    if (!parsed.ok) throw new Error('no example');
    const [a, b, c] = [0, 0, 100].map((first) => recordVerification(parsed.value, 6, runVirtual, first));
    expect(b).toEqual(a);
    const traces = new Set([...(a?.requests ?? []), ...(c?.requests ?? [])].map((one) => one.traceId));
    expect(traces.size).toBe(12);
    // Every second request is that of the primary button.
    expect(a?.requests.filter((one) => one.request.method === 'POST').length).toBeGreaterThanOrEqual(3);
  });

  test('a drawing without clients has nothing to record', () => {
    const document = smallDocument();
    delete document.nodes['web'];
    delete document.links['a'];
    expect(recordVerification(document, 3, runVirtual)).toBeNull();
    expect(recordVerification(smallDocument(), 0, runVirtual)).toBeNull();
  });
});

test('the same files give the same zip, and its files come out unchanged', () => {
  const files = new Map([
    ['compose.yaml', 'name: "їжак"\n'],
    ['services/a.json', '{}\n'],
  ]);
  const zip = zipFiles('small', files);
  expect(zipFiles('small', files)).toEqual(zip);
  const entries = Object.entries(unzipSync(zip)).map(([path, bytes]) => [path, strFromU8(bytes)]);
  expect(entries).toEqual([
    ['small/compose.yaml', 'name: "їжак"\n'],
    ['small/services/a.json', '{}\n'],
  ]);
});
