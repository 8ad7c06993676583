import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { migrate } from './migrate.ts';
import { IMPORT_LIMIT, parseDocument } from './parse.ts';
import { scanJson } from './scan-json.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- these tests break documents in ways that their type forbids
type Loose = any;

const hello = readFileSync(new URL('../../../public/examples/hello.json', import.meta.url), 'utf8');
const changed = (change: (document: Loose) => void): string => {
  const document: unknown = JSON.parse(hello);
  change(document);
  return JSON.stringify(document);
};
const codes = (text: string): string[] => {
  const result = parseDocument(text);
  return result.ok ? [] : result.error.map((problem) => `${problem.code} ${problem.at}`);
};

describe('parseDocument', () => {
  const fixture = (name: string) => readFileSync(new URL(`__fixtures__/${name}.json`, import.meta.url), 'utf8');

  it('reads a document of every version so far, also with a byte order mark', () => {
    expect(parseDocument(fixture('v1-hello')).ok).toBe(true);
    expect(parseDocument(`\uFEFF${hello}`).ok).toBe(true);
  });

  it('takes out the size of a node and the port of a link, which pages accepted once and nothing read', () => {
    const text = fixture('v1-size-and-port');
    expect([text.match(/"size"/g)?.length, text.match(/"port": "/g)?.length]).toEqual([2, 4]);
    expect(parseDocument(text)).toEqual(parseDocument(fixture('v1-hello')));
    // What was no size and no port before is none now.
    const odd = changed((document) => {
      document.nodes.hello.size = 'large';
      document.links['web-gateway'].to.port = 1;
    });
    expect(codes(odd)).toEqual(['DOCUMENT_INVALID nodes/hello/size', 'DOCUMENT_INVALID links/web-gateway/to/port']);
  });

  it('says line and column of what is not JSON', () => {
    const result = parseDocument(hello.replace('"version": 1,', '"version": 1'));
    expect(result.ok ? null : result.error).toEqual([
      {
        code: 'DOCUMENT_NOT_JSON',
        text: 'DOCUMENT_NOT_JSON',
        values: { reason: '"," or "}" is expected, found "\\""', line: 5, column: 3 },
        message: 'Failed to open the document: "," or "}" is expected, found "\\"" (line 5, column 3)',
        at: '',
        severity: 'error',
      },
    ]);
  });

  it('refuses other formats, other versions and too large texts', () => {
    expect(codes('[]')).toEqual(['DOCUMENT_UNKNOWN_FORMAT format']);
    expect(codes('{"services": {}}')).toEqual(['DOCUMENT_UNKNOWN_FORMAT format']);
    expect(codes(changed((document) => (document.version = 2)))).toEqual(['DOCUMENT_UNKNOWN_VERSION version']);
    expect(codes(changed((document) => (document.version = '1')))).toEqual(['DOCUMENT_UNKNOWN_VERSION version']);
    expect(codes(changed((document) => delete document.version))).toEqual(['DOCUMENT_UNKNOWN_VERSION version']);
    expect(codes(`${hello}${' '.repeat(IMPORT_LIMIT)}`)).toEqual(['IMPORT_TOO_LARGE ']);
    expect(codes(`"${'é'.repeat(IMPORT_LIMIT / 2)}"`)).toEqual(['IMPORT_TOO_LARGE ']);
    expect(codes(`"${'e'.repeat(IMPORT_LIMIT - 2)}"`)).toEqual(['DOCUMENT_UNKNOWN_FORMAT format']);
  });

  it('says what is wrong with the shape, and where, in words', () => {
    const result = parseDocument(
      changed((document) => {
        document.nodes.hello.config.port = '80';
        document.nodes.hello.config.endpoints[0].steps[0].tabel = 'x';
        delete document.nodes.gateway.config.timeoutMs;
        document.links['web-gateway'].config.latency.minUs = 1;
      }),
    );
    expect(result.ok ? [] : result.error.map((problem) => problem.message).sort()).toEqual([
      'Failed to read the document: links/web-gateway/config/latency/minUs must be at least 50 (found 1)',
      'Failed to read the document: nodes/gateway/config/timeoutMs is missing',
      'Failed to read the document: nodes/hello/config/endpoints/0/steps/0 has no field "tabel"',
      'Failed to read the document: nodes/hello/config/port must be a number (found "80")',
    ]);
  });

  it('recognises what cannot be run yet at its place', () => {
    expect(
      codes(
        changed((document) => {
          document.nodes.zipkin = {
            kind: 'observability',
            name: 'zipkin',
            position: { x: 0, y: 0 },
            config: { backend: 'zipkin', sampling: 1 },
          };
          document.nodes.broken = {
            kind: 'stub',
            name: 'broken',
            position: { x: 0, y: 0 },
            config: { image: 1, ports: [], environment: {} },
          };
          document.demo.break = { label: 'Cut', healLabel: 'Join', fault: { kind: 'disk-full', node: 'hello' } };
        }),
      ),
    ).toEqual([
      'DOCUMENT_INVALID nodes/broken/config/image',
      'NOT_YET_SUPPORTED nodes/zipkin',
      'NOT_YET_SUPPORTED demo/break/fault',
    ]);
  });

  it('never reads a prototype', () => {
    expect(codes(hello.replace('"groups": {}', '"groups": {"__proto__": {}}'))).toEqual(['DOCUMENT_NOT_JSON ']);
    const result = parseDocument(hello);
    expect(result.ok && result.value.nodes['constructor']).toBeUndefined();
    expect(({} as Record<string, unknown>)['title']).toBeUndefined();
  });

  it('never throws, whatever the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .tuple(fc.nat(hello.length), fc.nat(20), fc.string({ maxLength: 3 }))
        .map(([at, cut, insert]) => hello.slice(0, at) + insert + hello.slice(at + cut)),
    );
    fc.assert(
      fc.property(text, (source) => {
        const result = parseDocument(source);
        expect(result.ok || result.error.length > 0).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('scanJson', () => {
  it('agrees with JSON.parse on what is JSON', () => {
    const agrees = (text: string): void => {
      let parses = true;
      try {
        JSON.parse(text);
      } catch {
        parses = false;
      }
      const flaw = scanJson(text);
      if (flaw === null || !/twice|__proto__|levels/.test(flaw.reason)) expect(flaw === null, text).toBe(parses);
    };
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string({
            unit: fc.constantFrom(
              '{',
              '}',
              '[',
              ']',
              ',',
              ':',
              '"',
              'a',
              '\\',
              'u',
              '0',
              '1',
              '-',
              '.',
              'e',
              ' ',
              'null',
              'true',
            ),
          }),
        ),
        agrees,
      ),
      { numRuns: 3_000 },
    );
    for (const text of [
      '',
      ' ',
      '01',
      '-',
      '1.',
      '.5',
      '1e',
      '"\t"',
      '"\\x"',
      '"\\u12"',
      '[1,]',
      '{"a":1,}',
      'nul',
      '"\ud800"',
      '[] []',
      '\u00a01',
    ])
      agrees(text);
  });

  it('stops at 64 levels and at repeated keys without recursion', () => {
    expect(scanJson('['.repeat(64) + ']'.repeat(64))).toBeNull();
    expect(scanJson('['.repeat(65) + ']'.repeat(65))).toEqual({
      reason: 'more than 64 levels of nesting',
      line: 1,
      column: 65,
    });
    expect(scanJson('['.repeat(2_000_000))?.reason).toBe('more than 64 levels of nesting');
    expect(scanJson('{"a": 1,\n "\\u0061": 2}')).toEqual({
      reason: 'the key "a" appears twice in one object',
      line: 2,
      column: 2,
    });
    expect(scanJson(`"${'\\n'.repeat(2_000_000)}"`)).toBeNull();
  });
});

describe('migrate', () => {
  const chain = {
    1: (document: JsonObject) => ({ ...document, two: true }),
    2: (document: JsonObject) => ({ ...document, three: true }),
  };

  it('goes through the whole chain', () => {
    expect(migrate({ format: 'servarium', version: 1 }, chain, 3)).toEqual({
      ok: true,
      value: { format: 'servarium', version: 3, two: true, three: true },
    });
    expect(migrate({ format: 'servarium', version: 3 }, chain, 3)).toEqual({
      ok: true,
      value: { format: 'servarium', version: 3 },
    });
  });

  it('refuses a hole in the chain', () => {
    const result = migrate({ format: 'servarium', version: 1 }, { 2: chain[2] }, 3);
    expect(result.ok ? '' : result.error[0]?.message).toBe(
      'Failed to open the document: version 1 can no longer be read',
    );
  });
});
