import { expect, test } from 'vitest';
import { seal, SEALED_AT_BOOT } from './seal.ts';

test('sealed names are gone from the scope and from its prototypes, for good', () => {
  class Scope {
    fetch() {
      return 'reached the network';
    }
  }
  const scope = Object.assign(new Scope(), { WebSocket: class {} });
  seal(scope, SEALED_AT_BOOT);
  expect(Reflect.get(scope, 'fetch')).toBeUndefined();
  expect('fetch' in Scope.prototype).toBe(false);
  expect(Reflect.get(scope, 'WebSocket')).toBeUndefined();
  expect(Reflect.set(scope, 'fetch', () => 'again')).toBe(false);
  expect(Reflect.deleteProperty(scope, 'fetch')).toBe(false);
});
