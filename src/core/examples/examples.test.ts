import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import { compileTemplate } from '../expression/template.ts';
import { Document } from '../topology/schema.ts';

const folder = new URL('../../../public/examples/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe.each(files)('%s', (file) => {
  const json = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Json;

  it('has the shape of a document, and its id is its file name', () => {
    const parsed = Document.safeParse(json);
    expect(parsed.error?.issues ?? []).toEqual([]);
    expect(parsed.data?.id).toBe(file.replace('.json', ''));
  });

  it('has only expressions that can be read', () => {
    const template = compileTemplate(json);
    expect(template.ok ? null : template.error).toBeNull();
  });
});
