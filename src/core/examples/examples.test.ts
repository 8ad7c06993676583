import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import { compileTemplate } from '../expression/template.ts';
import { Document } from '../topology/schema/schema.ts';

const folder = new URL('../../../public/examples/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe.each(files)('%s', (file) => {
  const json = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Json;

  it('has the shape of a document, and its id is its file name', () => {
    const parsed = Document.safeParse(json);
    expect(parsed.error?.issues ?? []).toEqual([]);
    expect(parsed.data?.id).toBe(file.replace('.json', ''));
  });

  it('has only rows from before the run, whose clock begins with 2026', () => {
    const times = JSON.stringify(json).match(/"\d{4}-\d\d-\d\dT[^"]*"/g) ?? [];
    expect(times.filter((time) => time >= '"2026')).toEqual([]);
  });

  it('has only expressions that can be read', () => {
    const template = compileTemplate(json);
    expect(template.ok ? null : template.error).toBeNull();
  });
});

/** Largest sizes of the faces (design mock), by kind. */
const SIZES: Record<string, [number, number]> = {
  client: [144, 56],
  gateway: [188, 214],
  registry: [188, 121],
  service: [184, 82],
  database: [184, 40],
  broker: [288, 170],
};
interface Box {
  id: string;
  x: number;
  y: number;
  right: number;
  bottom: number;
}

describe.each(files)('the layout of %s', (file) => {
  const document = Document.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
  const boxes = Object.entries(document.nodes).map(([id, node]): Box => {
    const [width, height] = SIZES[node.kind] ?? [0, 0];
    return {
      id,
      x: node.position.x,
      y: node.position.y,
      right: node.position.x + width,
      bottom: node.position.y + height,
    };
  });

  it('has no two nodes on one place', () => {
    const overlaps = boxes.flatMap((a) =>
      boxes
        .filter((b) => a.id < b.id && a.x < b.right && b.x < a.right && a.y < b.bottom && b.y < a.bottom)
        .map((b) => `${a.id} over ${b.id}`),
    );
    expect(overlaps).toEqual([]);
  });

  it('keeps every node inside its group and no other node in it', () => {
    for (const [id, { position, size }] of Object.entries(document.groups)) {
      for (const box of boxes) {
        const isInside =
          box.x >= position.x &&
          box.y >= position.y &&
          box.right <= position.x + size.width &&
          box.bottom <= position.y + size.height;
        const isOutside =
          box.right <= position.x ||
          box.x >= position.x + size.width ||
          box.bottom <= position.y ||
          box.y >= position.y + size.height;
        expect(document.nodes[box.id]?.parent === id ? isInside : isOutside, `${box.id} and ${id}`).toBe(true);
      }
    }
  });

  it('fits a window of 1440 x 900 beside the palette', () => {
    const width = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.x));
    const height = Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.y));
    expect(width).toBeLessThanOrEqual(1440 - 48 - 80);
    expect(height).toBeLessThanOrEqual(900 - 48 - 32 - 36 - 80);
  });
});
