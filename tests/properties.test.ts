import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** The properties of calls: gateway, service registry, resilience, remote procedures and probes, observability; how many each family has. */
const FAMILIES = { GW: 21, SR: 9, RS: 7, RP: 4, OB: 9 };
const PROPERTIES = Object.entries(FAMILIES).flatMap(([family, count]) =>
  Array.from({ length: count }, (_, index) => `${family}${index + 1}`),
);
const FOLDERS = ['src', 'tests', 'e2e'];
/** Heading of the table in FIDELITY.md whose first column names properties, or parts of them, that nothing tests. */
const EXCUSES = 'Properties that are not, or not wholly, tested';
/** A reason takes more than a word. */
const MIN_REASON = 30;

/** Ids in a text; `GW1-GW3`, `GW1..GW3` and `GW1 to GW3` mean all of them. */
function idsIn(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/\b(GW|SR|RS|RP|OB)(\d{1,2})(?:\s*(?:-|–|\.\.|to)\s*\1(\d{1,2}))?(?!\d)/g)) {
    const [, family = '', first = '', last = first] = match;
    for (let n = Number(first); n <= Number(last); n += 1) found.push(`${family}${n}`);
  }
  return found;
}

/** Names of the suites and tests of a file, also behind `.each`; those that are skipped, or only meant to be written, do not count. */
function titlesIn(source: string): string[] {
  const quoted = String.raw`\(\s*(['"\x60])((?:\\.|(?!\1)[\s\S])*)\1`;
  const direct = new RegExp(String.raw`\b(?:describe|it|test)${quoted}`, 'g');
  const each = new RegExp(String.raw`\)${quoted}`, 'g');
  const runs = source.replace(/\b(?:describe|it|test)\.(?:skip|todo|fails)\b.*/g, '');
  return [direct, each].flatMap((pattern) => [...runs.matchAll(pattern)].map((match) => match[2] ?? ''));
}

/** Property -> why it is not tested, by the rows of the table under the heading. */
function excusesIn(page: string): Map<string, string> {
  const excuses = new Map<string, string>();
  const [, section = ''] = page.split(`## ${EXCUSES}\n`);
  for (const line of section.split(/^#/m)[0]?.split('\n') ?? []) {
    const [, subject = '', reason = ''] = line.split('|').map((cell) => cell.trim());
    if (reason.length < MIN_REASON) continue;
    for (const id of idsIn(subject)) excuses.set(id, reason);
  }
  return excuses;
}

/** Property -> files with a test of that name. */
function claims(files: ReadonlyMap<string, string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [file, source] of files) {
    const ids = new Set(titlesIn(source).flatMap(idsIn));
    for (const id of ids) found.set(id, [...(found.get(id) ?? []), file]);
  }
  return found;
}

/** Properties that have neither a test with their number in its name nor a reason, and numbers that no property has. */
function gaps(tested: ReadonlyMap<string, unknown>, excused: ReadonlyMap<string, unknown>): string[] {
  const missing = PROPERTIES.filter((id) => !tested.has(id) && !excused.has(id));
  const unknown = [...tested.keys(), ...excused.keys()].filter((id) => !PROPERTIES.includes(id));
  return [...missing.map((id) => `${id}: no test, no reason`), ...unknown.map((id) => `${id}: no such property`)];
}

const testFiles = (): Map<string, string> =>
  new Map(
    FOLDERS.filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
      .filter((file) => /\.(test|suite|spec)\.tsx?$/.test(file) && file !== 'tests/properties.test.ts')
      .sort()
      .map((file) => [file, readFileSync(file, 'utf8')]),
  );

test('each property of calls has a test with its number in the name, or a reason in FIDELITY.md', () => {
  const tested = claims(testFiles());
  const page = readFileSync('FIDELITY.md', 'utf8');
  const excused = excusesIn(page);
  const rows = PROPERTIES.map((id) => {
    const files = tested.get(id) ?? [];
    const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
    const where = files.length === 0 ? 'no test' : `${files[0]}${more}`;
    return `${id.padEnd(5)}${where}${excused.has(id) ? '; FIDELITY.md says what is missing' : ''}`;
  });
  const known = PROPERTIES.filter((id) => tested.has(id));
  rows.push(
    `${known.length} of ${PROPERTIES.length} properties have tests, ${known.filter((id) => excused.has(id)).length} of them with parts that FIDELITY.md excuses, ${PROPERTIES.length - known.length} a reason only`,
  );
  console.log(rows.join('\n'));
  expect(gaps(tested, excused)).toEqual([]);
  const named = new Set(idsIn(page));
  expect(PROPERTIES.filter((id) => !named.has(id))).toEqual([]);
});

test('the check sees a property without test and reason, a number that does not exist, a skipped test, a reason that is none', () => {
  const source = [
    "describe('GW1 routes', () => {});",
    "it.each([[')', 1]])('GW2, GW3: %s', () => {});",
    'test(`SR1-SR3 and ${x}`, () => {});',
    "test.skip('RS1', () => {});",
    "test(\n  'GW99 \\'quoted\\'',\n  () => {});",
    "// test of RS2: it('nothing')",
    "test('an RS256 key', () => {});",
  ].join('\n');
  const tested = claims(new Map([['a.test.ts', source]]));
  expect([...tested.keys()].sort()).toEqual(['GW1', 'GW2', 'GW3', 'GW99', 'SR1', 'SR2', 'SR3']);
  const page = `# x\n## ${EXCUSES}\n| a | b |\n| RS3 | no |\n| RS4, RS5 (half) | not modelled: nothing here has such a thing |\n## y\n| RS6 | not of this table, however long the row may be |`;
  expect([...excusesIn(page).keys()]).toEqual(['RS4', 'RS5']);
  const found = gaps(tested, excusesIn(page));
  expect(found).toContain('RS1: no test, no reason');
  expect(found).toContain('RS3: no test, no reason');
  expect(found).toContain('GW99: no such property');
  expect(found).not.toContain('RS4: no test, no reason');
  expect(found).not.toContain('SR2: no test, no reason');
});
