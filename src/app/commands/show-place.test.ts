import { expect, test } from 'vitest';
import { createViewStore } from '../view/view-store.ts';
import { showPlace } from './show-place.ts';

test('a problem leads to the node, link or group that its place lies in, and one of the document nowhere', () => {
  const view = createViewStore({ getItem: () => null, setItem: () => undefined }, [], true);
  expect(showPlace({ view }, 'nodes/auth/config/endpoints/1/steps/3')).toBe(true);
  expect(view.get().selection).toEqual({ nodes: ['auth'], links: [], groups: [] });
  expect(showPlace({ view }, 'links/a-b/config')).toBe(true);
  expect(view.get().selection).toEqual({ nodes: [], links: ['a-b'], groups: [] });
  expect(showPlace({ view }, 'groups/g')).toBe(true);
  for (const at of ['', 'seed', 'nodes', 'demo/primary']) expect(showPlace({ view }, at)).toBe(false);
  expect(view.get().selection).toEqual({ nodes: [], links: [], groups: ['g'] });
});
