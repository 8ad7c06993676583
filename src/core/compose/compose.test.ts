import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Document } from '../topology/schema/types.ts';
import { RUNTIME_ENTRY } from './container-spec.ts';
import { type ComposeExport, exportCompose, type ExportOptions } from './export-compose.ts';
import { parseDocument } from '../topology/parse.ts';
import { embeddedDocument } from './import-compose.ts';
import { noteService, smallDocument } from './testing/small-document.ts';

const RUNTIME = { [RUNTIME_ENTRY]: 'const price = `$HOME ${1 + 1} $$`;\u0001\t\n', 'mongodb.mjs': '// driver\n' };
const options = (form: ExportOptions['form'], runtime: Record<string, string> = RUNTIME): ExportOptions => ({
  form,
  runtime: { files: runtime },
  verify: null,
  secrets: { password: (name) => `pw-${name}-$x` },
});
function exported(document: Document, form: ExportOptions['form'], runtime?: Record<string, string>): ComposeExport {
  const result = exportCompose(document, options(form, runtime));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
const composeOf = (document: Document, form: ExportOptions['form']): string =>
  exported(document, form).files.get('compose.yaml') ?? '';

/** The small document with hostile text wherever the schema admits any text. */
function hostile(text: string, key: string): Document {
  const document = smallDocument();
  const service = noteService();
  service.notes = text;
  service.title = text.slice(0, 80);
  service.config.version = text;
  service.config.values = { [key]: text, nested: [{ [key]: [text, 1e21, -0.5, null, true] }] };
  const database = document.nodes['notes-db'];
  if (database?.kind === 'database')
    database.config.rows = { notes: [{ id: text.replaceAll('\0', ''), text: key.replaceAll('\0', ''), stars: 1 }] };
  document.nodes['notes'] = service;
  document.name = text.slice(0, 120);
  return document;
}
const NASTY = [
  '$',
  '${X}',
  '$$',
  '%',
  '#',
  ': ',
  '- ',
  "'",
  '"',
  '\\',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '\u0000',
  '\u0001',
  '\u007f',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\uffff',
  '\ud800',
  '😀',
  'їжак',
  '<<',
  '&a',
  '*a',
  '!!str',
  '---',
  '...',
  '{',
  ']',
  '|',
  '>',
  '`',
  'null',
  '~',
  'yes',
  '012',
  '1e3',
  '2001-01-01',
];
const nasty = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 8 })
  .map((parts) => parts.join(''));

describe('exportCompose', () => {
  test('zip and single file hold what the folder needs', () => {
    expect([...exported(smallDocument(), 'zip').files.keys()]).toEqual([
      '.env',
      'EXPORT-REPORT.md',
      'README.md',
      'compose.yaml',
      'database/notes-db.sql',
      `runtime/${RUNTIME_ENTRY}`,
      'services/gateway.json',
      'services/notes.json',
      'services/web.json',
    ]);
    expect([...exported(smallDocument(), 'single').files.keys()]).toEqual(['compose.yaml']);
  });

  test('a service that speaks gRPC brings its proto, its port and a row of the report', () => {
    const document = smallDocument();
    const service = noteService();
    const proto = 'syntax = "proto3"; message M {} service S { rpc Do(M) returns (M); }';
    service.config.grpc = { port: 50051, proto, methods: [] };
    document.nodes['notes'] = service;
    const { files, report } = exported(document, 'zip');
    expect(files.get('services/notes.proto')).toBe(proto);
    expect(parse(files.get('compose.yaml') ?? '')).toMatchObject({ services: { notes: { expose: ['50051'] } } });
    expect(files.get('README.md')).toContain('services/*.proto');
    expect(report.find((row) => row.aspect === 'gRPC')).toMatchObject({ node: 'notes', level: 'equivalent' });
  });

  test.each(['zip', 'single'] as const)('%s: golden file without the runtime', async (form) => {
    const text = exported(smallDocument(), form, { [RUNTIME_ENTRY]: '// the runtime stands here\n' }).files.get(
      'compose.yaml',
    );
    await expect(text).toMatchFileSnapshot(`__golden__/small.${form}.yaml`);
  });

  test('the order saga: golden file without the runtime and the drawing', async () => {
    const parsed = parseDocument(readFileSync('public/examples/order-saga.json', 'utf8'));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    const text = exported(parsed.value, 'zip').files.get('compose.yaml') ?? '';
    // Hashes change with every step of the example and say nothing to a reader of the difference.
    const stable = text
      .replace(/\n {2}topology: [^]*$/, '\n')
      .replaceAll(/config-hash: "[0-9a-f]{12}"/g, 'config-hash: "..."');
    await expect(stable).toMatchFileSnapshot('__golden__/order-saga.yaml');
  });

  test('an engine without container and a missing runtime are problems, not broken files', () => {
    const document = smallDocument();
    const database = document.nodes['notes-db'];
    if (database?.kind === 'database') database.config.engine = 'redis';
    const result = exportCompose(document, options('zip', {}));
    expect(result.ok ? [] : result.error.map((one) => [one.code, one.at])).toEqual([
      ['EXPORT_ENGINE_UNSUPPORTED', 'nodes/notes-db/config/engine'],
      ['EXPORT_RUNTIME_MISSING', ''],
    ]);
  });

  test('changed behaviour changes the label that makes compose recreate exactly that container', () => {
    const before = parse(composeOf(smallDocument(), 'single')).services;
    const document = smallDocument();
    const service = noteService();
    service.config.values = { price: 2 };
    document.nodes['notes'] = service;
    const after = parse(composeOf(document, 'single')).services;
    const changed = Object.keys(after).filter(
      (name) => after[name].labels?.['servarium.config-hash'] !== before[name].labels?.['servarium.config-hash'],
    );
    expect(changed).toEqual(['notes']);
  });

  test('replicas have no fixed host port; a second entry gets another port', () => {
    const document = smallDocument();
    const gateway = document.nodes['gateway'];
    if (gateway?.kind !== 'gateway') throw new Error('no gateway');
    document.nodes['z-gateway'] = { ...gateway, name: 'z-gateway', config: { ...gateway.config, replicas: 2 } };
    const { services } = parse(composeOf(document, 'zip'));
    expect(services.gateway.ports).toEqual(['127.0.0.1:${GATEWAY_PORT:-8080}:8080']);
    expect(services['z-gateway'].ports).toEqual(['127.0.0.1:8081-8082:8080']);
    expect(services.notes.ports).toBeUndefined();
  });

  test('no container gets a key that opens the machine, none is unpinned', () => {
    for (const form of ['zip', 'single'] as const) {
      const { services } = parse(composeOf(smallDocument(), form));
      for (const service of Object.values<Record<string, unknown>>(services)) {
        for (const key of [
          'privileged',
          'network_mode',
          'pid',
          'ipc',
          'cap_add',
          'devices',
          'userns_mode',
          'build',
          'extends',
          'env_file',
        ]) {
          expect(service).not.toHaveProperty(key);
        }
        expect(service['image']).toMatch(/^[a-z/]+:[0-9][a-z0-9.-]*$/);
        expect(JSON.stringify(service)).not.toMatch(/docker\.sock|0\.0\.0\.0:|latest/);
        expect(service['security_opt']).toEqual(['no-new-privileges:true']);
      }
      expect(services.notes.cap_drop).toEqual(['ALL']);
    }
  });
});

describe('importCompose', () => {
  test('property: import(export(x)) is x, whatever text the document holds, in both forms', () => {
    fc.assert(
      fc.property(nasty, nasty, (text, key) => {
        const document = hostile(text, key);
        for (const form of ['zip', 'single'] as const) {
          const back = embeddedDocument(composeOf(document, form));
          expect(back).toEqual({ ok: true, value: JSON.parse(JSON.stringify(document)) });
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['services: {}', 'IMPORT_NOT_OURS'],
    ['a: [', 'IMPORT_NOT_YAML'],
    ['', 'IMPORT_NOT_OURS'],
    ['x-servarium: {version: 2, topology: "{}"}', 'IMPORT_VERSION'],
    ['x-servarium: {version: 1, topology: "{"}', 'IMPORT_NOT_JSON'],
  ])('%j is refused with %s', (text, code) => {
    const result = embeddedDocument(text);
    expect(result.ok ? null : result.error[0]?.code).toBe(code);
  });
});

/** The real program, from the engine kit's cache or the machine; null when there is none. */
function dockerCompose(): string[] | null {
  const cached = join(
    process.env['ENGINE_HOME'] ?? '/var/cache/servarium-engine',
    'tools/usr/libexec/docker/cli-plugins/docker-compose',
  );
  if (existsSync(cached)) return [cached];
  return spawnSync('docker', ['compose', 'version']).status === 0 ? ['docker', 'compose'] : null;
}

describe('docker compose config', () => {
  const program = dockerCompose();
  if (!program) console.log('SKIP docker compose config: no docker compose found');
  test.skipIf(!program)('hostile text reaches the container unchanged', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'servarium-compose-'));
    fc.assert(
      fc.property(nasty, nasty, (text, key) => {
        const result = exported(hostile(text, key), 'single');
        const expected = exported(hostile(text, key), 'zip').files;
        writeFileSync(join(folder, 'compose.yaml'), result.files.get('compose.yaml') ?? '');
        const [command = '', ...args] = program ?? [];
        const run = spawnSync(command, [...args, '-f', join(folder, 'compose.yaml'), 'config', '--format', 'json'], {
          encoding: 'utf8',
        });
        expect(run.stderr).toBe('');
        expect(run.status).toBe(0);
        const { configs } = JSON.parse(run.stdout) as { configs: Record<string, { content: string }> };
        // What `config` prints can be fed to Compose again: dollars are doubled once more.
        const contentOf = (name: string): string => (configs[name]?.content ?? '').replaceAll('$$', '$');
        expect(contentOf('services-notes.json')).toBe(expected.get('services/notes.json'));
        expect(contentOf('database-notes-db.sql')).toBe(expected.get('database/notes-db.sql'));
        expect(contentOf(`runtime-${RUNTIME_ENTRY}`)).toBe(RUNTIME[RUNTIME_ENTRY]);
        expect(contentOf('bus-password')).toBe('pw-bus-password-$x');
      }),
      { numRuns: 20 },
    );
    rmSync(folder, { recursive: true });
  });
});

describe('compose schema', () => {
  const corpus = process.env['SERVARIUM_CORPUS'];
  if (!corpus) console.log('SKIP corpus: SERVARIUM_CORPUS not set');
  test.skipIf(!corpus)('both forms are valid', () => {
    const schema = JSON.parse(readFileSync(join(corpus ?? '', 'compose-spec.schema.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    delete schema['$schema'];
    const ajv = new Ajv({
      strict: false,
      formats: { duration: true, ports: true, expose: true, subnet_ip_address: true },
    });
    const validate = ajv.compile(schema);
    for (const form of ['zip', 'single'] as const) {
      validate(parse(composeOf(smallDocument(), form)));
      expect(validate.errors ?? []).toEqual([]);
      const broken = parse(composeOf(smallDocument(), form));
      broken.services.notes.helthcheck = {};
      expect(validate(broken)).toBe(false);
    }
  });
});
