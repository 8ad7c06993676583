import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTextHash } from '../core/base/sha256.ts';
import { createNativeHash } from './native-hash.ts';

test('lines of any text give the digits of the hash in core, at any moment', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ maxLength: 30_000, size: 'max' }),
    fc.constant('\ud800'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const native = createNativeHash();
      const own = createTextHash();
      for (const text of lines) {
        native.update(`${text}\n`);
        own.update(`${text}\n`);
        expect(native.digest()).toBe(own.digest());
      }
    }),
    { numRuns: 20 },
  );
});
