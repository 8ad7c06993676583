import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bareDocument } from './bare-document.ts';
import type { Document } from './schema/types.ts';
import { parseDocument, validateDocument } from './check/validate.ts';

const examples = readdirSync('public/examples').filter((file) => file.endsWith('.json'));

test.each(examples)(
  '%s is what the reader gives and has no errors: a first visit may open it before it is read',
  (file) => {
    const text = readFileSync(`public/examples/${file}`, 'utf8');
    const held = bareDocument(JSON.parse(text) as Document);
    expect(parseDocument(text)).toEqual({ ok: true, value: held });
    expect(validateDocument(held).filter(({ severity }) => severity === 'error')).toEqual([]);
  },
);
