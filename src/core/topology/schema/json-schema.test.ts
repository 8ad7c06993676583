import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { documentJsonSchema } from './json-schema.ts';

const published = new URL('../../../../public/schema/v1.json', import.meta.url);
const text = `${JSON.stringify(documentJsonSchema(), null, 2)}\n`;

describe('the published JSON Schema', () => {
  // UPDATE=1 npx vitest run src/core/topology/schema/json-schema.test.ts rewrites it.
  if (process.env['UPDATE'] === '1') {
    mkdirSync(new URL('.', published), { recursive: true });
    writeFileSync(published, text);
  }

  it('is the one of the code', () => {
    expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(JSON.parse(text));
  });

  it('accepts every shipped example and refuses a broken one', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(documentJsonSchema());
    const folder = new URL('../../../../public/examples/', import.meta.url);
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
      const example: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
      expect(validate(example), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
      expect(validate({ ...(example as object), speed: 'fast' })).toBe(false);
    }
  });
});
