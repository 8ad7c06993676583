import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalize } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { encodeEvent } from './encode.ts';
import type { LogEvent } from './event.ts';

const KEY = { t: 1, class: 2, source: 'a#0', seq: 3, type: 'log' } as const;
const HEAD = '{"t":1,"class":2,"source":"a#0","seq":3,"type":"log"';

test('a line has its leading keys first and the others in code unit order, whatever keys the events of its type had before', () => {
  const pair = fc.tuple(fc.constantFrom('b', 'aa', 'Z', 'ї', '"', 'a'), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(fc.array(pair, { maxLength: 6 }), { minLength: 2, maxLength: 8 }), (events) => {
      for (const pairs of events) {
        const more = Object.fromEntries(pairs) as Record<string, Json>;
        const rest = canonicalize(more).slice(1);
        const event = { ...more, ...KEY } as unknown as LogEvent;
        expect(encodeEvent(event)).toBe(HEAD + (rest === '}' ? rest : `,${rest}`));
      }
    }),
    { numRuns: 100 },
  );
});
