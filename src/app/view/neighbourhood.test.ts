import { expect, test } from 'vitest';
import type { Document } from '../../core/topology/schema/types.ts';
import { neighbourhood } from './neighbourhood.ts';

const link = (from: string, to: string) => ({ kind: 'http', from: { node: from }, to: { node: to } });
const chain = { links: { ab: link('a', 'b'), cb: link('c', 'b'), cd: link('c', 'd') } } as unknown as Document;

test('as many links away as asked for, in both directions, the component first', () => {
  expect([...neighbourhood(chain, 'a')]).toEqual(['a', 'b']);
  expect([...neighbourhood(chain, 'a', 2)]).toEqual(['a', 'b', 'c']);
  expect([...neighbourhood(chain, 'a', 9)]).toEqual(['a', 'b', 'c', 'd']);
  expect([...neighbourhood(chain, 'alone', 3)]).toEqual(['alone']);
});
