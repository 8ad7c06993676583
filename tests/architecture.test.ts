import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const LAYERS = ['src/core', 'src/hosts', 'src/app', 'src/ui'];
const NODE_MAIN = 'src/hosts/node/main.ts';
/** What index.html starts, and what that loads. */
const PAGE_ROOTS = new Set(['src/boot.ts', 'src/main.tsx']);
const MAX_LINES = 300;
/** Names that say nothing about what is inside. */
const VAGUE = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'managers', 'misc']);
const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`);
const FOLDERS = ['src', 'workers', 'tests', 'e2e', 'scripts', 'vite'];

/** Folders with rooms inside: what the files of each room may see of the others ('' is the folder itself). */
const ROOMS: Record<string, Record<string, readonly string[]>> = {
  'src/core/topology': {
    '': ['schema'],
    schema: [''],
    wiring: ['', 'schema'],
    check: ['', 'schema', 'wiring'],
    edit: ['', 'schema', 'wiring'],
  },
  'src/core/kinds/gateway': { '': ['routing'], grpc: ['', 'routing'], routing: [] },
  'src/ui/shell': { '': ['dialogs'], dialogs: [] },
};

const isTest = (file: string) => /\.(test|suite)\.tsx?$/.test(file) || /^(tests|e2e)\//.test(file);
const layerOf = (file: string) => LAYERS.findIndex((layer) => file.startsWith(`${layer}/`));
const hostOf = (file: string) => /^src\/hosts\/([^/]+)\//.exec(file)?.[1];

/** The highest layer a file may import, or null for a file under no rule. */
function ceilingOf(file: string): number | null {
  if (isTest(file) || PAGE_ROOTS.has(file)) return null;
  if (file.startsWith('src/cli/') || file.startsWith('workers/')) return LAYERS.indexOf('src/hosts');
  const layer = layerOf(file);
  return layer < 0 ? null : layer;
}

/** True for the files that put everything together: they import, nobody imports them. */
const isRoot = (file: string) => PAGE_ROOTS.has(file) || file === NODE_MAIN || /^(src\/cli|workers)\//.test(file);

function roomProblem(from: string, to: string): string | null {
  for (const [folder, rooms] of Object.entries(ROOMS)) {
    const [mine, other] = [from, to].map((file) => {
      if (!file.startsWith(`${folder}/`)) return null;
      const inside = file.slice(folder.length + 1);
      return inside.includes('/') ? inside.slice(0, inside.indexOf('/')) : '';
    });
    if (mine == null || other == null || mine === other) continue;
    if (rooms[mine]?.includes(other) !== true) return `is in a room that ${folder}/${mine} does not see`;
  }
  return null;
}

function importsOf(source: string): string[] {
  const found = source.matchAll(
    /(?:^|[\s;}])(?:import|export)\b[^'"();=]*?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? '');
}

function importProblem(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  if (specifier.split('/').includes('shared')) return 'leads through a folder named "shared"';
  const to = normalize(join(dirname(from), specifier.replace(/\?.*$/, '')));
  if (!existsSync(to)) return 'does not exist (imports name the file with its ending)';
  const ceiling = ceilingOf(from);
  if (ceiling === null) return null;
  if (isRoot(to) && dirname(to) !== dirname(from) && !to.startsWith('src/cli/')) return 'is a composition root';
  if (to.startsWith('src/cli/') && !from.startsWith('src/cli/')) return 'is a composition root';
  if (layerOf(to) > ceiling) return `points up: ${LAYERS.join(' <- ')}`;
  const [mine, other] = [hostOf(from), hostOf(to)];
  if (mine && other && mine !== other && from !== NODE_MAIN) return 'is another host';
  return roomProblem(from, to);
}

function fileProblems(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  const problems: string[] = [];
  const parts = file.split('/');
  if (parts.some((part) => !/^(__[a-z]+__|[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*)$/.test(part))) {
    problems.push('name is not kebab-case');
  }
  if (parts.some((part) => part.split(/[-.]/).some((word) => VAGUE.has(word)))) problems.push('name says nothing');
  if (UNFINISHED.test(source)) problems.push('is marked as unfinished');
  if (!/\.(tsx?|mjs)$/.test(file)) return problems;
  const lines = source.split('\n').length - 1;
  if (lines > MAX_LINES && !isTest(file)) problems.push(`has ${lines} lines, the stop is ${MAX_LINES}`);
  if (file.startsWith('src/core/') && !isTest(file) && /\bnew Date\(\s*\)/.test(source))
    problems.push('reads the clock');
  for (const specifier of importsOf(source)) {
    const problem = importProblem(file, specifier);
    if (problem) problems.push(`import '${specifier}' ${problem}`);
  }
  return problems;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/(^|\/)__golden__(\/|$)/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /\.(tsx?|mjs|css|json)$/.test(file));
}

test('files keep the rules of the architecture', () => {
  const violations = FOLDERS.flatMap(filesBelow).flatMap((file) =>
    fileProblems(file).map((problem) => `${file}: ${problem}`),
  );
  expect(violations.join('\n')).toBe('');
});

test('the checker sees imports, layers and hosts', () => {
  const source = [
    "import a from './a.ts';",
    "export * from '../b.ts';",
    'void import(',
    "'./c.ts');",
    'import type {',
    '  D,',
    "} from './d.ts';",
    "export const TYPES = './e.ts';",
  ];
  expect(importsOf(source.join('\n'))).toEqual(['./a.ts', '../b.ts', './c.ts', './d.ts']);
  expect([ceilingOf('src/core/base/json.ts'), ceilingOf('src/ui/kit/button.tsx'), ceilingOf('src/main.tsx')]).toEqual([
    0,
    3,
    null,
  ]);
  expect(importProblem('src/core/base/json.ts', '../../hosts/browser/shims/tldts.ts')).toMatch(/^points up/);
  expect(importProblem('src/hosts/node/x.ts', '../browser/shims/tldts.ts')).toBe('is another host');
  expect(importProblem('src/core/topology/check/x.ts', '../edit/edit.ts')).toMatch(/^is in a room/);
  expect(importProblem('src/core/topology/edit/x.ts', '../wiring/presets.ts')).toBeNull();
  expect(importProblem('src/core/base/json.ts', './nowhere.ts')).toMatch(/^does not exist/);
});
