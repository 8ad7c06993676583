import { expect, test, vi } from 'vitest';
import { createCommandRegistry, type Command } from './command.ts';
import { ariaShortcut, shortcutKeys } from './shortcut.ts';
import { walk } from './walk.ts';
import { fileNameOf } from './document-actions.ts';

const command = (id: string, rest: Partial<Command> = {}): Command => ({
  id,
  label: id,
  group: 'edit',
  perform: () => undefined,
  ...rest,
});

test('performs what is possible and tells why not otherwise', () => {
  const registry = createCommandRegistry(() => undefined);
  const perform = vi.fn();
  registry.add([command('a', { perform }), command('b', { perform, disabledReason: () => 'reason.empty' })]);
  expect(registry.perform('a')).toEqual({ done: true });
  expect(registry.perform('b')).toEqual({ done: false, reason: 'reason.empty' });
  expect(perform).toHaveBeenCalledTimes(1);
  expect(() => registry.perform('c')).toThrow('no such id (c)');
  expect(() => registry.add([command('a')])).toThrow('the id is taken (a)');
});

test('shows only what makes sense now and lets commands go again', () => {
  const registry = createCommandRegistry(() => undefined);
  const remove = registry.add([command('a', { when: () => false }), command('b')]);
  expect(registry.list().map(({ id }) => id)).toEqual(['b']);
  remove();
  expect(registry.all()).toEqual([]);
});

test('failures of commands reach the crash overlay, not the console', async () => {
  const failed = vi.fn();
  const registry = createCommandRegistry(failed);
  registry.add([
    command('throws', {
      perform: () => {
        throw new Error('now');
      },
    }),
    command('rejects', { perform: () => Promise.reject(new Error('later')) }),
  ]);
  registry.perform('throws');
  registry.perform('rejects');
  await Promise.resolve();
  await Promise.resolve();
  expect(failed.mock.calls.map(([error]) => (error as Error).message)).toEqual(['now', 'later']);
});

test('shortcuts read as the keys of the platform', () => {
  expect(shortcutKeys('$mod+Shift+KeyZ', false)).toEqual(['Ctrl', 'Shift', 'Z']);
  expect(shortcutKeys('$mod+Shift+KeyZ', true)).toEqual(['⌘', '⇧', 'Z']);
  expect(ariaShortcut('$mod+Digit0', false)).toBe('Control+0');
});

test('walking goes along links first, in the direction of the arrow', () => {
  const at = (x: number, y: number) => ({ position: { x, y } });
  const nodes = { a: at(0, 0), near: at(200, 0), linked: at(400, 40), above: at(0, -200) };
  const links = { l: { from: { node: 'a' }, to: { node: 'linked' } } };
  const document = { nodes, links } as unknown as Parameters<typeof walk>[0];
  expect(walk(document, 'a', { x: 1, y: 0 })).toBe('linked');
  expect(walk(document, 'a', { x: 0, y: -1 })).toBe('above');
  expect(walk(document, 'a', { x: -1, y: 0 })).toBeNull();
  expect(walk(document, null, { x: 1, y: 0 })).toBe('above');
});

test('file names are safe on every system and keep letters of every language', () => {
  expect(fileNameOf('Order saga / v2?')).toBe('order-saga-v2');
  expect(fileNameOf('Сага замовлення')).toBe('сага-замовлення');
  expect(fileNameOf('///')).toBe('servarium');
});
