import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { moveNodes, removeRecords } from './edit.ts';
import { begin, commit, emptyHistory, HISTORY_LIMIT, mark, record, redo, seal, travelTo, undo } from './history.ts';
import type { Document } from '../schema/types.ts';
import { parseDocument } from '../check/validate.ts';

const parsed = parseDocument(
  readFileSync(new URL('../../../../public/examples/order-saga.json', import.meta.url), 'utf8'),
);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const saga: Document = parsed.value;

describe('history', () => {
  const move = (document: Document, x: number) => moveNodes(document, { web: { x, y: 0 } });

  it('makes one step of a drag, and another after it was sealed', () => {
    let document = saga;
    let history = emptyHistory;
    for (const x of [1, 2, 3]) {
      const edit = move(document, x);
      history = record(history, edit.diff, 'move', 'drag web');
      document = edit.document;
    }
    expect(history.past).toHaveLength(1);
    expect(undo(document, history)?.document.nodes['web']?.position).toEqual(saga.nodes['web']?.position);
    history = seal(history);
    history = record(history, move(document, 9).diff, 'move', 'drag web');
    expect(history.past).toHaveLength(2);
    expect(record(history, move(move(document, 9).document, 9).diff, 'move')).toBe(history);
  });

  it('forgets what was undone when something new happens, keeps at most its limit, finds marks', () => {
    let document = saga;
    let history = mark(emptyHistory, 'start');
    for (let x = 1; x <= 5; x += 1) {
      const edit = move(document, x * 7);
      history = record(history, edit.diff, 'move');
      document = edit.document;
      if (x === 2) history = mark(history, 'two');
    }
    const two = travelTo(document, history, 'two');
    expect(two?.document.nodes['web']?.position.x).toBe(14);
    expect(two && travelTo(two.document, two.history, 'start')?.document.nodes['web']?.position).toEqual(
      saga.nodes['web']?.position,
    );
    const back = undo(document, history);
    if (back === null) throw new Error('nothing to undo');
    const branched = record(back.history, move(back.document, 99).diff, 'move');
    expect(redo(back.document, branched)).toBeNull();
    for (let x = 0; x < HISTORY_LIMIT + 10; x += 1) {
      const edit = move(document, x % 2 === 0 ? -1 : -2);
      history = record(history, edit.diff, 'move');
      document = edit.document;
    }
    expect(history.past).toHaveLength(HISTORY_LIMIT);
    expect(travelTo(document, history, 'start')).toBeNull();
  });

  it('joins a transaction and cannot undo inside it', () => {
    const first = move(saga, 1);
    const second = removeRecords(first.document, ['email']);
    let history = begin(emptyHistory);
    history = record(history, first.diff, 'move');
    expect(undo(first.document, history)).toBeNull();
    history = commit(record(history, second.diff, 'remove'), 'both');
    expect(history.past.map((entry) => entry.label)).toEqual(['both']);
    expect(undo(second.document, history)?.document.nodes['email']).toEqual(saga.nodes['email']);
  });
});
