import { expect, test } from 'vitest';
import { PANEL_LIMITS } from './preferences.ts';
import { createViewStore } from './view-store.ts';

function memory(initial: Record<string, string> = {}) {
  const values = new Map(Object.entries(initial));
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

test('remembers theme, language, panels and dismissed hints', () => {
  const storage = memory();
  const first = createViewStore(storage, ['uk-UA'], true);
  expect(first.get().language).toBe('uk');
  first.setTheme('dark');
  first.setLanguage('en');
  first.dismissHint('dot');
  first.setPanels({ drawer: { open: false, height: 300 } });
  const { theme, language, dismissedHints, panels } = createViewStore(storage, ['uk-UA'], true).get();
  expect([theme, language, dismissedHints, panels.drawer]).toEqual([
    'dark',
    'en',
    ['dot'],
    { open: false, height: 300 },
  ]);
});

test('spoiled, foreign or blocked preferences fall back, sizes stay within their limits', () => {
  const broken = createViewStore(memory({ 'servarium/preferences': '{"theme":7,' }), [], true).get();
  expect([broken.theme, broken.language]).toEqual(['system', 'en']);
  const wild = JSON.stringify({ theme: 'pink', panels: { inspector: { width: 9e9 }, drawer: { height: 'x' } } });
  const { theme, panels } = createViewStore(memory({ 'servarium/preferences': wild }), [], true).get();
  expect([theme, panels.inspector.width, panels.drawer.height]).toEqual(['system', PANEL_LIMITS.inspector[1], 256]);
  const blocked = {
    getItem: () => {
      throw new Error('blocked');
    },
    setItem: () => {
      throw new Error('blocked');
    },
  };
  const view = createViewStore(blocked, [], true);
  view.setTheme('light');
  expect(view.get().theme).toBe('light');
});

test('in a low window the drawer starts closed', () => {
  expect(createViewStore(null, [], false).get().panels.drawer.open).toBe(false);
});

test('at most four notices; each is told to screen readers', () => {
  const view = createViewStore(null, [], true);
  for (let n = 0; n < 6; n += 1) view.notify({ tone: 'plain', words: { key: `k${n}` } });
  expect(view.get().notices.map(({ words }) => words.key)).toEqual(['k2', 'k3', 'k4', 'k5']);
  expect(view.get().announcement?.words.key).toBe('k5');
});

test('a notice that offers to undo goes when the document moves on; others stay', () => {
  const view = createViewStore(memory(), [], true);
  view.notify({ tone: 'plain', words: { key: 'a' }, action: { label: { key: 'app.undo' }, perform: () => undefined } });
  view.notify({ tone: 'plain', words: { key: 'b' }, action: { label: { key: 'other' }, perform: () => undefined } });
  view.notify({ tone: 'error', words: { key: 'c' } });
  view.retireUndo();
  expect(view.get().notices.map((notice) => notice.words.key)).toEqual(['b', 'c']);
});
