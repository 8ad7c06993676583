import { expect, test } from 'vitest';
import { seal, SEALED_AT_BOOT } from './seal.ts';

test('sealed names are gone from the scope and from its prototypes, for good', () => {
  class Scope {
    fetch() {
      return 'reached the network';
    }
  }
  const scope = Object.assign(new Scope(), { WebSocket: class {}, kept: 1 }) as Scope & Record<string, unknown>;
  seal(scope, SEALED_AT_BOOT);
  expect(scope.fetch).toBeUndefined();
  expect(Scope.prototype.fetch).toBeUndefined();
  expect(scope.WebSocket).toBeUndefined();
  expect(scope.kept).toBe(1);
  expect(Reflect.set(scope, 'fetch', () => 'again')).toBe(false);
  expect(Reflect.deleteProperty(scope, 'fetch')).toBe(false);
});
