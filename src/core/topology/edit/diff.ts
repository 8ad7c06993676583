import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import { compileLink, compileNode } from '../compile.ts';
import { sortedEntries } from '../sorted.ts';
import type { Document, ExecutableDiff, RecordsDiff, TopologyDiff } from '../schema/types.ts';

type Meta = keyof TopologyDiff['meta'];
const META: readonly Meta[] = ['name', 'seed', 'speed', 'demo'];

const same = (a: unknown, b: unknown): boolean =>
  a === b || (a !== undefined && b !== undefined && canonicalize(a as Json) === canonicalize(b as Json));

/** What changed from one map of records to another, by content. Unchanged references cost nothing. */
function diffRecords<T>(before: Readonly<Record<string, T>>, after: Readonly<Record<string, T>>): RecordsDiff<T> {
  const diff: RecordsDiff<T> = { added: {}, updated: {}, removed: {} };
  for (const [id, record] of sortedEntries(before)) {
    if (!Object.hasOwn(after, id)) diff.removed[id] = record;
    else if (!same(record, after[id])) diff.updated[id] = [record, after[id] as T];
  }
  for (const [id, record] of sortedEntries(after)) if (!Object.hasOwn(before, id)) diff.added[id] = record;
  return diff;
}

function applyRecords<T>(records: Readonly<Record<string, T>>, diff: RecordsDiff<T>): Record<string, T> {
  if (isEmptyRecords(diff)) return records as Record<string, T>;
  const next = Object.assign(Object.create(null) as Record<string, T>, records);
  for (const id of Object.keys(diff.removed)) delete next[id];
  for (const [id, [, to]] of Object.entries(diff.updated)) next[id] = to;
  for (const [id, record] of Object.entries(diff.added)) next[id] = record;
  return next;
}

const invertRecords = <T>(diff: RecordsDiff<T>): RecordsDiff<T> => ({
  added: diff.removed,
  removed: diff.added,
  updated: Object.fromEntries(
    Object.entries(diff.updated).map(([id, [from, to]]): [string, [T, T]] => [id, [to, from]]),
  ),
});

const isEmptyRecords = (diff: RecordsDiff<unknown>): boolean =>
  Object.keys(diff.added).length === 0 &&
  Object.keys(diff.updated).length === 0 &&
  Object.keys(diff.removed).length === 0;

/** First `a`, then `b`, as one diff; what `b` takes back disappears. */
function mergeRecords<T>(a: RecordsDiff<T>, b: RecordsDiff<T>): RecordsDiff<T> {
  const added = new Map(Object.entries(a.added));
  const updated = new Map(Object.entries(a.updated));
  const removed = new Map(Object.entries(a.removed));
  for (const [id, record] of Object.entries(b.removed)) {
    if (added.delete(id)) continue;
    removed.set(id, updated.get(id)?.[0] ?? record);
    updated.delete(id);
  }
  for (const [id, [from, to]] of Object.entries(b.updated)) {
    if (added.has(id)) added.set(id, to);
    else {
      const first = updated.get(id)?.[0] ?? from;
      if (same(first, to)) updated.delete(id);
      else updated.set(id, [first, to]);
    }
  }
  for (const [id, record] of Object.entries(b.added)) {
    const first = removed.get(id);
    if (first === undefined) added.set(id, record);
    else {
      removed.delete(id);
      if (!same(first, record)) updated.set(id, [first, record]);
    }
  }
  return {
    added: Object.fromEntries(added),
    updated: Object.fromEntries(updated),
    removed: Object.fromEntries(removed),
  };
}

/** What changed from one document to another; the id, format and version of a document never change. */
export function diffDocuments(before: Document, after: Document): TopologyDiff {
  const meta: TopologyDiff['meta'] = {};
  for (const field of META)
    if (!same(before[field], after[field])) meta[field] = [before[field] ?? null, after[field] ?? null];
  return {
    nodes: diffRecords(before.nodes, after.nodes),
    links: diffRecords(before.links, after.links),
    groups: diffRecords(before.groups, after.groups),
    meta,
  };
}

/** The document after a diff that was made from it; unchanged records keep their identity. */
export function applyDiff(document: Document, diff: TopologyDiff): Document {
  const next: Document = {
    ...document,
    nodes: applyRecords(document.nodes, diff.nodes),
    links: applyRecords(document.links, diff.links),
    groups: applyRecords(document.groups, diff.groups),
  };
  for (const field of META) {
    const change = diff.meta[field];
    if (change === undefined) continue;
    // Absent is null in a diff, so that it survives JSON; only `demo` can be absent.
    if (change[1] === null || change[1] === undefined) delete next[field as 'demo'];
    else (next as Record<Meta, unknown>)[field] = change[1];
  }
  return next;
}

/** The diff that takes a diff back. */
export function invertDiff(diff: TopologyDiff): TopologyDiff {
  const meta: TopologyDiff['meta'] = {};
  for (const field of META) {
    const change = diff.meta[field];
    if (change !== undefined) meta[field] = [change[1], change[0]];
  }
  return {
    nodes: invertRecords(diff.nodes),
    links: invertRecords(diff.links),
    groups: invertRecords(diff.groups),
    meta,
  };
}

/** First `a`, then `b`, as one diff. */
export function mergeDiffs(a: TopologyDiff, b: TopologyDiff): TopologyDiff {
  const meta: TopologyDiff['meta'] = { ...a.meta };
  for (const field of META) {
    const change = b.meta[field];
    if (change === undefined) continue;
    const from = a.meta[field] === undefined ? change[0] : a.meta[field][0];
    if (same(from, change[1])) delete meta[field];
    else meta[field] = [from, change[1]];
  }
  return {
    nodes: mergeRecords(a.nodes, b.nodes),
    links: mergeRecords(a.links, b.links),
    groups: mergeRecords(a.groups, b.groups),
    meta,
  };
}

/** True when the diff changes nothing. */
export const isEmptyDiff = (diff: TopologyDiff): boolean =>
  isEmptyRecords(diff.nodes) &&
  isEmptyRecords(diff.links) &&
  isEmptyRecords(diff.groups) &&
  Object.keys(diff.meta).length === 0;

function compileRecords<A, B>(diff: RecordsDiff<A>, compile: (record: A) => B): RecordsDiff<B> {
  const compiled: RecordsDiff<B> = { added: {}, updated: {}, removed: {} };
  for (const [id, record] of Object.entries(diff.added)) compiled.added[id] = compile(record);
  for (const [id, record] of Object.entries(diff.removed)) compiled.removed[id] = compile(record);
  for (const [id, [from, to]] of Object.entries(diff.updated)) {
    const pair: [B, B] = [compile(from), compile(to)];
    if (!same(pair[0], pair[1])) compiled.updated[id] = pair;
  }
  return compiled;
}

/** What a running system sees of the change: records of the executable projection, by content; cosmetic changes vanish. */
export function executableDiff(before: Document, after: Document): ExecutableDiff {
  return executableOf(diffDocuments(before, after));
}

/** The executable part of a diff. */
export function executableOf(diff: TopologyDiff): ExecutableDiff {
  return { nodes: compileRecords(diff.nodes, compileNode), links: compileRecords(diff.links, compileLink) };
}

/** True when a running system has nothing to do. */
export const isEmptyExecutable = (diff: ExecutableDiff): boolean =>
  isEmptyRecords(diff.nodes) && isEmptyRecords(diff.links);
