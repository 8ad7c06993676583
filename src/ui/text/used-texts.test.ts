import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FIELD_SPECS, type FieldSpec } from '../inspector/policies/field-specs.ts';
import { en } from './en/index.ts';

/** Everything that may name a text: the interface, the application, the root. */
const source = ['src/ui', 'src/app']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.') && !file.startsWith('text/'))
      .map((file) => readFileSync(`${folder}/${file}`, 'utf8')),
  )
  .concat(readFileSync('src/main.tsx', 'utf8'))
  .join('\n');

/** Areas in which only some keys are put together: what may stand in their place. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'problems.': ['error', 'warning'],
  'palette.': ['traffic', 'entry', 'services', 'data', 'messaging'],
  'export.': ['compose', 'json'],
  'drawer.': ['requests', 'traces', 'logs', 'sagas', 'data', 'problems'],
  'run.': ['play', 'pause', 'step', 'faster', 'slower', 'live', 'booting', 'paused', 'idle', 'failed'],
  'sagas.': ['running', 'completed', 'compensated', 'compensating', 'failed'],
  'gateway.': ['forward', 'aggregate'],
};
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
/** Keys that are put together: `area.${value}` or `area.${value}.tip`; what stands in a place holds no dot. */
const patterns = [...source.matchAll(/`([a-zA-Z]+\.[\w.]*)\$\{[^`{}]*\}([\w.]*)`/g)].map(
  ([, before = '', after = '']) =>
    new RegExp(`^${escaped(before)}${VALUES[before] ? `(${VALUES[before].join('|')})` : '[^.]+'}${escaped(after)}$`),
);
/** Keys of which a part is said: `${label}.tip` belongs to the label. */
const endings = new Set([...source.matchAll(/`\$\{[^`{}]*\}(\.[a-z]+)`/g)].map((match) => match[1] ?? ''));
/** What lists of fields say: the field, its tip, its options. */
const fields = new Set(
  Object.entries(FIELD_SPECS).flatMap(([area, specs]) =>
    specs.flatMap((spec: FieldSpec) => {
      const key = `${area.split('.')[0]}.${spec.field}`;
      return [key, `${key}.tip`, ...('options' in spec ? spec.options.map((option) => `${key}.${option}`) : [])];
    }),
  ),
);

function isUsed(key: string): boolean {
  if (fields.has(key)) return true;
  if (source.includes(`'${key}'`) || source.includes(`"${key}"`)) return true;
  const ending = /\.[a-z]+$/i.exec(key)?.[0] ?? '';
  if (endings.has(ending) && isUsed(key.slice(0, -ending.length))) return true;
  return patterns.some((pattern) => pattern.test(key));
}

test('every text is said somewhere', () => {
  expect(Object.keys(en).filter((key) => !isUsed(key))).toEqual([]);
});

test('a text that nobody says is found', () => {
  expect(['app.undo', 'app.nobodySaysThis', 'nowhere.tip'].filter((key) => !isUsed(key))).toEqual([
    'app.nobodySaysThis',
    'nowhere.tip',
  ]);
});
