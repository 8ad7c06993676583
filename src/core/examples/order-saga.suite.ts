import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { VirtualRun } from '../../hosts/virtual/run-virtual.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { EventOf } from '../fabric/event.ts';
import { compileTopology } from '../topology/compile.ts';
import { updateNode } from '../topology/edit/edit.ts';
import type { Document } from '../topology/schema/types.ts';
import { parseDocument } from '../topology/check/validate.ts';

const parsed = parseDocument(
  readFileSync(new URL('../../../public/examples/order-saga.json', import.meta.url), 'utf8'),
);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
/** The example as it is shipped. */
export const saga: Document = parsed.value;
/** Virtual µs. */
export const SECOND = 1_000_000;

interface Rates {
  decline?: number;
  shortage?: number;
  failure?: number;
}
/** The document without traffic of its own, with the given failure rates. */
export function quiet(rates: Rates | null): Document {
  let document = saga;
  for (const id of ['web', 'mobile', 'iot']) {
    document = updateNode(document, id, {
      config: { load: { model: 'open', ratePerSecond: 0, arrival: 'constant' } },
    }).document;
  }
  if (rates === null) return document;
  const values: [string, JsonObject][] = [
    ['payment', { declineRate: rates.decline ?? 0 }],
    ['inventory', { shortageRate: rates.shortage ?? 0 }],
    ['shipping', { failureRate: rates.failure ?? 0 }],
  ];
  for (const [id, value] of values) document = updateNode(document, id, { config: { values: value } }).document;
  return document;
}
/** A run of it, booted. */
export const start = (document: Document, seed: number): VirtualRun => {
  const run = new VirtualRun(
    { documentId: 'order-saga', topology: compileTopology(document), initialData: null, seed, inputs: [] },
    { keep: true },
  );
  run.runUntil(SECOND / 10);
  return run;
};
/** A value of a row as a word. */
export const word = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);
/** Rows of a table as the store has them. */
export const rows = (run: VirtualRun, store: string, table: string): JsonObject[] =>
  run.stored(store).flatMap((stored) => (stored.table === table ? [stored.row as JsonObject] : []));
/** The rows that orders left, without the one that is there from the start. */
export const left = (run: VirtualRun, store: string, table: string): JsonObject[] =>
  rows(run, store, table).filter((row) => row['orderId'] !== 'o-1000' && row['id'] !== 'o-1000');
/** The one row that there is. */
export const only = (list: JsonObject[]): JsonObject => {
  expect(list).toHaveLength(1);
  return list[0] ?? {};
};
/** Replies that the gateway gave, with their bodies. */
export const replies = (run: VirtualRun): { status: number; body: JsonObject }[] =>
  run.events
    .filter((event): event is EventOf<'message.sent'> => event.type === 'message.sent' && event.source === 'gateway#0')
    .flatMap(({ payload }) =>
      payload.kind === 'http.reply'
        ? [{ status: payload.status, body: JSON.parse(payload.body ?? 'null') as JsonObject }]
        : [],
    );
