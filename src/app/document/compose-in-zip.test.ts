import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { composeInZip } from './compose-in-zip.ts';

test('the compose file of an export is found in its archive, the shallowest one first', () => {
  const zip = zipSync({ 'shop/deep/compose.yaml': strToU8('deep'), 'shop/compose.yaml': strToU8('name: shop') });
  expect(composeInZip(zip)).toBe('name: shop');
});

test('an archive without one, a bomb and other bytes are refused', () => {
  expect(() => composeInZip(zipSync({ 'a.txt': strToU8('x') }))).toThrow('no compose.yaml');
  expect(() => composeInZip(zipSync({ 'compose.yaml': new Uint8Array(6 * 1024 * 1024) }))).toThrow('no compose.yaml');
  expect(() => composeInZip(strToU8('PK not really'))).toThrow();
});
