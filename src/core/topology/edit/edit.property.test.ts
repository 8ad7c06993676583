import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import { compileTopology, initialData } from '../compile.ts';
import { topologyHash } from '../topology-hash.ts';
import { copy } from './copy.ts';
import { paste } from './paste.ts';
import { connect } from './connect.ts';
import { applyDiff, diffDocuments, invertDiff, isEmptyExecutable, executableDiff, mergeDiffs } from './diff.ts';
import {
  addNode,
  emptyDocument,
  group,
  moveNodes,
  removeRecords,
  rename,
  ungroup,
  updateMeta,
  updateNode,
  type Edit,
} from './edit.ts';
import { begin, commit, emptyHistory, record, redo, undo } from './history.ts';
import { withLatencyPreset } from './latency.ts';
import { PRESETS } from '../wiring/presets.ts';
import { Document as Shape } from '../schema/schema.ts';
import type { Document } from '../schema/types.ts';
import { parseDocument, validateDocument } from '../check/validate.ts';

const load = (name: string): Document => {
  const parsed = parseDocument(
    readFileSync(new URL(`../../../../public/examples/${name}.json`, import.meta.url), 'utf8'),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};
const starts = { saga: load('order-saga'), hello: load('hello'), empty: emptyDocument('empty', 'Empty') };
const text = (value: unknown): string => canonicalize(JSON.parse(JSON.stringify(value)) as Json);

interface Command {
  name: string;
  a: number;
  b: number;
  what: number;
}
const command: fc.Arbitrary<Command> = fc.record({
  name: fc.constantFrom(
    'add',
    'add',
    'connect',
    'connect',
    'connect',
    'remove',
    'remove-link',
    'move',
    'rename',
    'update',
    'group',
    'ungroup',
    'paste',
    'meta',
    'latency',
  ),
  a: fc.nat(60),
  b: fc.nat(60),
  what: fc.nat(40),
});

/** Performs a random command; refused ones change nothing. */
function perform(document: Document, { name, a, b, what }: Command, newId: () => string): Edit {
  const ids = Object.keys(document.nodes).sort();
  const pick = (list: string[], index: number): string => list[index % Math.max(1, list.length)] ?? 'nobody';
  const links = Object.keys(document.links).sort();
  const groups = Object.keys(document.groups).sort();
  const nothing: Edit = { document, diff: diffDocuments(document, document) };
  const at = { x: a * 10, y: b * 10 };
  switch (name) {
    case 'add':
      return addNode(document, PRESETS[what % PRESETS.length]?.id ?? '', at, newId) ?? nothing;
    case 'connect': {
      const kind = what % 3 === 0 ? 'grpc' : undefined;
      const result = connect(document, pick(ids, a), pick(ids, b), newId, kind);
      return result.ok ? result.value : nothing;
    }
    case 'remove':
      return removeRecords(document, [pick(ids, a), pick(groups, what)]);
    case 'remove-link':
      return removeRecords(document, [pick(links, a)]);
    case 'move':
      return moveNodes(document, { [pick(ids, a)]: at, [pick(groups, b)]: at });
    case 'rename': {
      const result = rename(document, pick(ids, a), `name-${what}`);
      return result.ok ? result.value : nothing;
    }
    case 'update':
      return updateNode(document, pick(ids, a), { title: `Title ${what}`, notes: what % 2 === 0 ? null : 'note' });
    case 'group':
      return (
        group(document, [pick(ids, a), pick(ids, b)], 'Context', newId, () => ({ width: 184, height: 62 })) ?? nothing
      );
    case 'ungroup':
      return ungroup(document, [pick(groups, a)]);
    case 'paste':
      return paste(document, copy(document, [pick(ids, a), pick(ids, b), pick(groups, what)]), { x: 24, y: 24 }, newId);
    case 'meta':
      return updateMeta(document, { seed: what, name: `Name ${a}`, ...(b % 5 === 0 ? { demo: null } : {}) });
    default:
      return withLatencyPreset(document, what % 2 === 0 ? 'visible' : 'data-centre');
  }
}
const sequence = fc.tuple(
  fc.constantFrom('saga', 'hello', 'empty') as fc.Arbitrary<keyof typeof starts>,
  fc.array(command, { minLength: 1, maxLength: 14 }),
);
const counter = (): (() => string) => {
  let number = 0;
  return () => `r${(number += 1)}`;
};

describe('random edits', () => {
  it('give diffs that lead from one document to the other and back; merged diffs too', () => {
    fc.assert(
      fc.property(sequence, ([start, commands]) => {
        const newId = counter();
        let document = starts[start];
        let all = diffDocuments(document, document);
        for (const next of commands) {
          const before = text(document);
          const edit = perform(document, next, newId);
          expect(text(document)).toBe(before);
          expect(text(applyDiff(document, edit.diff))).toBe(text(edit.document));
          expect(text(applyDiff(edit.document, invertDiff(edit.diff)))).toBe(before);
          all = mergeDiffs(all, edit.diff);
          document = edit.document;
        }
        expect(text(all)).toBe(text(diffDocuments(starts[start], document)));
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('undo to the first hash and redo to the last, step by step', () => {
    fc.assert(
      fc.property(sequence, ([start, commands]) => {
        const newId = counter();
        let document = starts[start];
        let history = emptyHistory;
        const states = [text(document)];
        for (const next of commands) {
          const edit = perform(document, next, newId);
          history = record(history, edit.diff, next.name);
          document = edit.document;
          if (history.past.length === states.length) states.push(text(document));
        }
        const hash = topologyHash(compileTopology(document));
        for (let index = states.length - 2; index >= 0; index -= 1) {
          const step = undo(document, history);
          if (step === null) throw new Error('nothing to undo');
          ({ document, history } = step);
          expect(text(document)).toBe(states[index]);
        }
        expect(undo(document, history)).toBeNull();
        expect(topologyHash(compileTopology(document))).toBe(topologyHash(compileTopology(starts[start])));
        for (let index = 1; index < states.length; index += 1) {
          const step = redo(document, history);
          if (step === null) throw new Error('nothing to redo');
          ({ document, history } = step);
          expect(text(document)).toBe(states[index]);
        }
        expect(redo(document, history)).toBeNull();
        expect(topologyHash(compileTopology(document))).toBe(hash);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('keep a valid document valid: links and steps never disagree', () => {
    fc.assert(
      fc.property(sequence, ([start, commands]) => {
        const newId = counter();
        let document = starts[start];
        for (const next of commands) {
          ({ document } = perform(document, next, newId));
          expect(validateDocument(document).filter((problem) => problem.severity === 'error')).toEqual([]);
        }
        expect(Shape.safeParse(JSON.parse(JSON.stringify(document))).error?.issues ?? []).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('make one step of a transaction', () => {
    fc.assert(
      fc.property(sequence, ([start, commands]) => {
        const newId = counter();
        let document = starts[start];
        let history = begin(emptyHistory);
        for (const next of commands) {
          const edit = perform(document, next, newId);
          history = record(history, edit.diff, next.name);
          document = edit.document;
        }
        history = commit(history, 'all');
        const changed = text(document) !== text(starts[start]);
        expect(history.past.length).toBe(changed ? 1 : 0);
        const back = undo(document, history);
        expect(text(back?.document ?? document)).toBe(text(starts[start]));
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

/** The same JSON with the keys of every object in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown, number] => [
    key,
    shuffled(item, random),
    random(),
  ]);
  return Object.fromEntries(entries.sort((x, y) => x[2] - y[2]).map(([key, item]) => [key, item]));
}

describe('the executable projection', () => {
  it.each(['saga', 'hello'] as const)(
    'of %s does not depend on the order of keys, nor does the initial data',
    (name) => {
      const hash = topologyHash(compileTopology(starts[name]));
      const compiled = JSON.stringify(compileTopology(starts[name]));
      const data = JSON.stringify(initialData(starts[name]));
      fc.assert(
        fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (stream) => {
          const random = (): number => stream.next().value as number;
          const other = parseDocument(JSON.stringify(shuffled(starts[name], random)));
          if (!other.ok) throw new Error(JSON.stringify(other.error));
          expect(topologyHash(compileTopology(other.value))).toBe(hash);
          expect(JSON.stringify(compileTopology(other.value))).toBe(compiled);
          expect(JSON.stringify(initialData(other.value))).toBe(data);
        }),
        { numRuns: 20 },
      );
    },
  );

  it('does not see places, titles, notes, groups; and no running system does', () => {
    fc.assert(
      fc.property(
        fc.array(
          command.filter(({ name }) => ['move', 'update', 'group', 'ungroup'].includes(name)),
          { minLength: 1, maxLength: 8 },
        ),
        (commands) => {
          const newId = counter();
          let document = starts.saga;
          for (const next of commands) ({ document } = perform(document, next, newId));
          expect(topologyHash(compileTopology(document))).toBe(topologyHash(compileTopology(starts.saga)));
          expect(isEmptyExecutable(executableDiff(starts.saga, document))).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('changes with a behaviour, a latency, a name', () => {
    const hash = topologyHash(compileTopology(starts.hello));
    const changed = [
      updateNode(starts.hello, 'hello', { config: { replicas: 3 } }).document,
      withLatencyPreset(starts.hello, 'visible').document,
      removeRecords(starts.hello, ['web-gateway']).document,
    ];
    const renamed = rename(starts.hello, 'hello', 'hallo');
    if (renamed.ok) changed.push(renamed.value.document);
    const hashes = changed.map((document) => topologyHash(compileTopology(document)));
    expect(new Set([hash, ...hashes]).size).toBe(5);
  });
});
