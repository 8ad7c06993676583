import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';
import { durationUs } from './simulate.ts';

const EXAMPLE = 'public/examples/hello.json';
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'servarium-cli-'));
  const runtime = join(folder, 'runtime');
  writeFileSync(join(folder, 'broken.json'), '{"format": "servarium", "version": 1,\n}');
  process.env['SERVARIUM_RUNTIME'] = runtime;
});
afterAll(() => {
  delete process.env['SERVARIUM_RUNTIME'];
  rmSync(folder, { recursive: true });
});

async function servarium(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(args, { out: (text) => void out.push(text), err: (text) => void err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('servarium', () => {
  test('help and version go to standard output with exit code 0', async () => {
    expect(await servarium('--help')).toMatchObject({ code: 0, err: '' });
    expect((await servarium('--help')).out).toContain('servarium simulate FILE');
    for (const name of ['check', 'simulate', 'export', 'import', 'schema']) {
      expect((await servarium(name, '--help')).out).toContain(`servarium ${name}`);
    }
    expect((await servarium('--version')).out).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test.each([
    [[], /servarium check FILE/],
    [['sing'], /unknown command \(sing\)/],
    [['check'], /which file/],
    [['check', 'a', 'b'], /one file at a time \(b\)/],
    [['check', 'no-such-file.json'], /Failed to read no-such-file\.json: ENOENT/],
    [['check', EXAMPLE, '--loud'], /--loud/],
    [['simulate', EXAMPLE, '--until', 'soon'], /not a duration such as 60s, 500ms, 2m \(soon\)/],
    [['simulate', EXAMPLE, '--seed', '-1'], /seed/],
    [['simulate', EXAMPLE, '--log', '/no/such/folder/a.ndjson'], /Failed to write/],
    [['export', EXAMPLE, '-o', 'x'], /--to has to be compose \(missing\)/],
    [['export', EXAMPLE, '--to', 'compose'], /-o DIR is missing/],
    [['export', EXAMPLE, '--to', 'compose', '-o', 'x', '--form', 'tar'], /zip or single \(tar\)/],
    [['export', EXAMPLE, '--to', 'compose', '-o', 'x', '--gateway', 'kong'], /runtime or nginx \(kong\)/],
    [['export', EXAMPLE, '--to', 'compose', '-o', 'x', '--requests', '1.5'], /--requests: not a whole number/],
    [['import', 'compose.yaml'], /-o FILE is missing/],
    [['schema', 'x'], /takes no file/],
  ])('a wrong command line ends with 2 and says why: %j', async (args, message) => {
    const ran = await servarium(...args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(message);
  });

  test('check: 0 for a sound document, 1 with the exact place for a broken one', async () => {
    expect(await servarium('check', EXAMPLE)).toMatchObject({ code: 0, err: '' });
    const broken = await servarium('check', join(folder, 'broken.json'));
    expect(broken.code).toBe(1);
    expect(broken.err).toMatch(/^error .*broken\.json#.*line 2, column 1.*\[DOCUMENT_NOT_JSON\]/m);
    const document = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { links: Record<string, { to: { node: string } }> };
    for (const link of Object.values(document.links)) link.to.node = 'nobody';
    writeFileSync(join(folder, 'dangling.json'), JSON.stringify(document));
    const dangling = await servarium('check', join(folder, 'dangling.json'));
    expect(dangling.code).toBe(1);
    expect(dangling.err).toMatch(/dangling\.json#links\//);
  });

  test('what is wrong with a file is said with its name and for a command line', async () => {
    const foreign = join(folder, 'other.yml');
    writeFileSync(foreign, 'services: {}');
    for (const args of [
      ['import', foreign, '-o', join(folder, 'never.json')],
      ['check', foreign],
    ]) {
      const { code, err } = await servarium(...args);
      expect(code).toBe(1);
      expect(err).toContain(`Failed to read ${foreign}: it was not exported by Servarium`);
      expect(err).not.toContain('compose.yaml');
    }
    expect((await servarium('import', EXAMPLE, '-o', join(folder, 'never.json'))).err).toContain(
      `Failed to read ${EXAMPLE}: `,
    );
    const newer = join(folder, 'newer.json');
    writeFileSync(newer, JSON.stringify({ ...(JSON.parse(readFileSync(EXAMPLE, 'utf8')) as object), version: 99 }));
    const { err } = await servarium('check', newer);
    expect(err).toMatch(/\[DOCUMENT_UNKNOWN_VERSION\]\n {2}fix: Use a newer servarium \(this is \d+\.\d+\.\d+\)/);
    expect(err).not.toContain('page');
  });

  test('simulate prints the sha256 of exactly the bytes that --log writes; the seed changes them, a second run does not', async () => {
    const log = join(folder, 'a.ndjson');
    const first = await servarium('simulate', EXAMPLE, '--seed', '1', '--until', '20s', '--log', log);
    expect(first).toMatchObject({ code: 0, err: '' });
    const sha256 = createHash('sha256').update(readFileSync(log)).digest('hex');
    expect(first.out).toContain(`sha256 ${sha256}`);
    expect((await servarium('simulate', EXAMPLE, '--seed', '1', '--until', '20000ms')).out).toBe(first.out);
    expect((await servarium('simulate', EXAMPLE, '--seed', '2', '--until', '20s')).out).not.toBe(first.out);
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(first.out).toContain(`events ${lines.length - 1}`);
  });

  test('durations', () => {
    expect(['60s', '500ms', '2m', '1h', '1.5', '0.5s'].map(durationUs)).toEqual([6e7, 5e5, 1.2e8, 3.6e9, 1.5e6, 5e5]);
  });

  test('export needs the built runtime, writes a project, and import gives the document back', async () => {
    const missing = await servarium('export', EXAMPLE, '--to', 'compose', '-o', join(folder, 'none'));
    expect(missing.code).toBe(1);
    expect(missing.err).toContain('EXPORT_RUNTIME_MISSING');
    mkdirSync(join(folder, 'runtime'));
    writeFileSync(join(folder, 'runtime/servarium-runtime.mjs'), '// runtime\n');
    const target = join(folder, 'home');
    const ran = await servarium('export', EXAMPLE, '--to', 'compose', '-o', target, '--requests', '3');
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(target).sort()).toEqual([
      '.env',
      'EXPORT-REPORT.md',
      'README.md',
      'compose.yaml',
      'database',
      'runtime',
      'services',
      'verify',
    ]);
    expect(statSync(join(target, '.env')).mode & 0o077).toBe(0);
    const back = join(folder, 'back.json');
    expect(await servarium('import', join(target, 'compose.yaml'), '-o', back)).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(readFileSync(back, 'utf8'))).toEqual(JSON.parse(readFileSync(EXAMPLE, 'utf8')));
    expect((await servarium('check', join(target, 'compose.yaml'))).code).toBe(0);
    expect(await servarium('import', EXAMPLE, '-o', back)).toMatchObject({ code: 1 });
  });

  test('schema is the published one', async () => {
    expect(JSON.parse((await servarium('schema')).out)).toEqual(
      JSON.parse(readFileSync('public/schema/v1.json', 'utf8')),
    );
  });
});
