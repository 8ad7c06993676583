import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../core/topology/schema/types.ts';
import { sizeOf } from '../faces/faces.ts';
import { arrange } from './arrange.ts';
import type { Box } from './route-links.ts';

const folder = new URL('../../../public/examples/', import.meta.url);
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Document] as const);

/** The document with its moves made. */
function moved(document: Document, chosen: readonly string[] | null): Document {
  const { nodes: to, groups: frames, sizes } = arrange(document, chosen);
  const place = <T extends { position: Box | { x: number; y: number } }>(id: string, record: T, at: typeof to): T => ({
    ...record,
    position: at.get(id) ?? record.position,
  });
  return {
    ...document,
    nodes: Object.fromEntries(Object.entries(document.nodes).map(([id, node]) => [id, place(id, node, to)])),
    groups: Object.fromEntries(
      Object.entries(document.groups).map(([id, group]) => [
        id,
        { ...place(id, group, frames), size: sizes?.get(id) ?? group.size },
      ]),
    ),
  };
}
const boxes = (document: Document): [string, Box][] =>
  Object.entries(document.nodes).map(([id, node]) => [id, { ...node.position, ...sizeOf(id, node, document) }]);
const overlaps = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
function overlapping(document: Document): string[] {
  const all = boxes(document);
  return all.flatMap(([id, box], index) =>
    all.slice(index + 1).flatMap(([other, second]) => (overlaps(box, second) ? [`${id} ${other}`] : [])),
  );
}
const withNode = (document: Document, id: string, change: object): Document =>
  ({ ...document, nodes: { ...document.nodes, [id]: { ...document.nodes[id], ...change } } }) as Document;

describe.each(examples)('%s', (_name, document) => {
  const after = moved(document, null);
  test('clients keep their order from top to bottom', () => {
    const clients = (of: Document) =>
      boxes(of)
        .filter(([id]) => of.nodes[id]?.kind === 'client')
        .sort(([, a], [, b]) => a.y - b.y)
        .map(([id]) => id);
    expect(clients(after)).toEqual(clients(document));
  });
  test('nothing covers anything, callers stand left of whom they call, stores under their owners', () => {
    expect(overlapping(after)).toEqual([]);
    const at = new Map(boxes(after));
    for (const { kind, from, to } of Object.values(after.links)) {
      const [a, b] = [at.get(from.node), at.get(to.node)];
      if (!a || !b) throw new Error('a link has ends');
      if (kind === 'owns') expect([b.y > a.y, Math.abs(b.x - a.x) <= 8]).toEqual([true, true]);
      if (after.nodes[from.node]?.kind === 'client') expect(a.x + a.width).toBeLessThan(b.x);
    }
  });
  test('bounded contexts hold exactly their members', () => {
    for (const [id, box] of boxes(after))
      for (const [group, { position, size }] of Object.entries(after.groups))
        expect([id, group, overlaps(box, { ...position, ...size })]).toEqual([
          id,
          group,
          after.nodes[id]?.parent === group,
        ]);
  });
  test('the same drawing gives the same places, in whatever order its records stand', () => {
    const turned = { ...document, nodes: Object.fromEntries(Object.entries(document.nodes).reverse()) };
    const sorted = (of: Document) => [...arrange(of, null).nodes].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(turned)).toEqual(sorted(document));
  });
  test('a pinned component stays, with what belongs to it; the others keep clear of it', () => {
    const [id = ''] = Object.keys(document.nodes).filter((one) => document.nodes[one]?.kind === 'service');
    const pinned = withNode(document, id, { pinned: true });
    const result = moved(pinned, null);
    expect(result.nodes[id]?.position).toEqual(document.nodes[id]?.position);
    expect(overlapping(result)).toEqual([]);
  });
  test('of a selection only its members move, and cover nothing of the rest', () => {
    const chosen = Object.keys(document.nodes).filter((id) => document.nodes[id]?.kind === 'client');
    const { nodes } = arrange(document, chosen);
    expect([...nodes.keys()].sort()).toEqual([...chosen].sort());
    expect(overlapping(moved(document, chosen))).toEqual([]);
  });
});
