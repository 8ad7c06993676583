import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Mutant {
  name: string;
  file: string;
  from: string;
  to: string;
}
// Plain JavaScript, which the proof reads without a build.
const { MUTANTS } = (await import(new URL('proof/planted.mjs', import.meta.url).href)) as { MUTANTS: Mutant[] };

test('every planted mistake of the proof still fits its source, exactly once, and changes it', () => {
  const unfit = MUTANTS.flatMap(({ name, file, from, to }) => {
    const places = existsSync(file) ? readFileSync(file, 'utf8').split(from).length - 1 : 0;
    return places === 1 && from !== to ? [] : [`${name}: its text stands ${places} times in ${file}`];
  });
  expect(unfit).toEqual([]);
  const names = MUTANTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  console.log(`${MUTANTS.length} planted mistakes fit their sources`);
});
