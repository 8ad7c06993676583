import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Document } from '../../core/topology/schema/types.ts';
import { NOTHING } from '../../app/view/view-state.ts';
import { textsOf } from '../text/texts.ts';
import { movedFrom, selectionFrom } from './from-flow.ts';
import { layoutOf, NOT_MOVED } from './layout.ts';
import { frameNodeId, groupOf, toFlow } from './to-flow.ts';

const document = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8')) as Document;
const input = {
  document,
  layout: layoutOf(document, NOT_MOVED),
  selection: NOTHING,
  problems: new Map(),
  texts: textsOf('en'),
};

test('every node, group and link of the document is on the canvas, told apart and named', () => {
  const { nodes, edges } = toFlow(input, null);
  expect(nodes).toHaveLength(Object.keys(document.nodes).length + Object.keys(document.groups).length);
  expect(edges).toHaveLength(Object.keys(document.links).length);
  expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
  expect(nodes.find(({ id }) => id === 'order')?.ariaLabel).toBe('Service Order');
  expect(edges.find(({ id }) => id === 'web-gateway')?.ariaLabel).toBe('HTTP from Web to API gateway');
  expect([groupOf(frameNodeId('payment')), groupOf('payment')]).toEqual(['payment', null]);
});

test('the Tab key goes row by row from left to right, and no two components have the same name', () => {
  const cards = toFlow(input, null).nodes.filter(({ type }) => type === 'card');
  const places = cards.map(({ position }) => [Math.round(position.y / 64), position.x] as const);
  for (const [index, [row, x]] of places.entries()) {
    const [before, left] = places[index - 1] ?? [-Infinity, -Infinity];
    expect(row > before || (row === before && x >= left)).toBe(true);
  }
  const names = cards.map(({ ariaLabel }) => ariaLabel);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(names).toContain('Database PostgreSQL of Order');
});

test('what did not change keeps its identity, so that it is not drawn again', () => {
  const before = toFlow(input, null);
  const after = toFlow({ ...input, selection: { ...NOTHING, nodes: ['order'] } }, before);
  const changed = after.nodes.filter((node, index) => node !== before.nodes[index]).map(({ id }) => id);
  expect(changed).toEqual(['order']);
  const kept = after.edges.filter((edge) => before.edges.includes(edge)).length;
  expect(kept).toBe(
    Object.values(document.links).filter(({ from, to }) => from.node !== 'order' && to.node !== 'order').length,
  );
});

test('no two faces of the example cover each other', () => {
  const boxes = [...input.layout.boxes];
  const covered = boxes.flatMap(([a, p], index) =>
    boxes
      .slice(index + 1)
      .filter(([, q]) => p.x < q.x + q.width && q.x < p.x + p.width && p.y < q.y + q.height && q.y < p.y + p.height)
      .map(([b]) => `${a} ${b}`),
  );
  expect(covered).toEqual([]);
});

test('a dragged frame takes its nodes along, and only them', () => {
  const change = {
    type: 'position' as const,
    id: frameNodeId('ctx-catalog'),
    position: { x: 500, y: 40 },
    dragging: true,
  };
  const moved = movedFrom([change], NOT_MOVED, document);
  const base = document.groups['ctx-catalog']!.position;
  expect([...moved.nodes.keys()].sort()).toEqual(['product', 'product-db']);
  const product = document.nodes['product']!.position;
  expect(moved.nodes.get('product')).toEqual({ x: product.x + 500 - base.x, y: product.y + 40 - base.y });
});

test('selection follows what the canvas reports', () => {
  const changes = [
    { type: 'select', id: 'order', selected: true },
    { type: 'select', id: frameNodeId('payment'), selected: true },
    { type: 'position', id: 'web' },
  ];
  const selected = selectionFrom(changes, NOTHING, 'nodes');
  expect(selected).toEqual({ nodes: ['order'], links: [], groups: ['payment'] });
  expect(selectionFrom([{ type: 'select', id: 'order', selected: false }], selected, 'nodes').nodes).toEqual([]);
});
