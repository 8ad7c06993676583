import { describe, expect, test } from 'vitest';
import { routeLinks, type Box } from './route-links.ts';

const box = (x: number, y: number): Box => ({ x, y, width: 184, height: 62 });

describe('routeLinks', () => {
  test('leaves to the right and enters at the left when the target lies to the right', () => {
    const boxes = new Map([
      ['a', box(0, 0)],
      ['b', box(400, 200)],
    ]);
    const path = routeLinks(boxes, [{ id: 'l', kind: 'http', from: 'a', to: 'b' }]).get('l');
    expect(path?.at(0)).toMatchObject({ x: 184, y: 31 });
    expect(path?.at(1)).toMatchObject({ x: 400, y: 231 });
    expect(path?.at(0).angle).toBeCloseTo(0, 1);
  });

  test('gives links of one side ports in the order of their targets', () => {
    const boxes = new Map([
      ['a', box(0, 200)],
      ['low', box(400, 400)],
      ['high', box(400, 0)],
    ]);
    const paths = routeLinks(boxes, [
      { id: '1', kind: 'http', from: 'a', to: 'low' },
      { id: '2', kind: 'http', from: 'a', to: 'high' },
    ]);
    expect(paths.get('2')!.at(0).y).toBeLessThan(paths.get('1')!.at(0).y);
  });

  test('a line to something below does not leave through the own store', () => {
    const boxes = new Map([
      ['a', box(0, 0)],
      ['db', { x: 0, y: 92, width: 184, height: 40 }],
      ['broker', { x: 60, y: 400, width: 288, height: 128 }],
    ]);
    const paths = routeLinks(boxes, [
      { id: 'owns', kind: 'owns', from: 'a', to: 'db' },
      { id: 'publish', kind: 'publish', from: 'a', to: 'broker' },
    ]);
    expect(paths.get('owns')?.at(0)).toMatchObject({ x: 92, y: 62 });
    expect(paths.get('publish')?.at(0)).toMatchObject({ x: 184, y: 31 });
    expect(paths.get('publish')?.at(1).y).toBe(400);
  });

  test('a line to a node in the same column goes around the store between them', () => {
    const boxes = new Map([
      ['a', box(0, 0)],
      ['db', { x: 0, y: 92, width: 184, height: 40 }],
      ['b', box(0, 192)],
    ]);
    const path = routeLinks(boxes, [
      { id: 'owns', kind: 'owns', from: 'a', to: 'db' },
      { id: 'call', kind: 'http', from: 'a', to: 'b' },
    ]).get('call')!;
    expect([path.at(0).x, path.at(1).x]).toEqual([184, 184]);
    expect(path.at(0.5).x).toBeGreaterThan(210);
  });

  test('moves evenly: half of the time is half of the length', () => {
    const boxes = new Map([
      ['a', box(0, 0)],
      ['b', box(300, 500)],
    ]);
    const path = routeLinks(boxes, [{ id: 'l', kind: 'http', from: 'a', to: 'b' }]).get('l')!;
    let length = 0;
    let last = path.at(0);
    for (let step = 1; step <= 500; step += 1) {
      const next = path.at(step / 1000);
      length += Math.hypot(next.x - last.x, next.y - last.y);
      last = next;
    }
    expect(length / path.length).toBeCloseTo(0.5, 2);
  });

  test('a link to a box that is not there has no way', () => {
    expect(routeLinks(new Map([['a', box(0, 0)]]), [{ id: 'l', kind: 'http', from: 'a', to: 'gone' }]).size).toBe(0);
  });
});
