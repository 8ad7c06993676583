import { expect, test } from 'vitest';
import { isOwnScript } from './trusted-scripts.ts';

const base = new URL('https://example.test/org/repo/');

test.each([
  'https://example.test/org/repo/assets/fabric.worker-a1.js',
  '/org/repo/assets/main-b2.js',
  './assets/main-b2.js',
  '/org/repo/sw.js',
])('a script of the site: %s', (address) => {
  expect(isOwnScript(address, base)).toBe(true);
});

test.each([
  'https://evil.test/org/repo/assets/main.js',
  '//evil.test/org/repo/assets/main.js',
  'https://example.test/assets/main.js',
  '/org/repo/assets/../../other/main.js',
  '/org/repo/assets/main.js?next',
  '/org/repo/examples/order-saga.json',
  '/org/repo/edge/gateway/assets/main.js',
  'data:text/javascript,alert(1)',
  'blob:https://example.test/0d7e',
  'javascript:alert(1)',
  'http://',
  '',
])('no script of the site: %s', (address) => {
  expect(isOwnScript(address, base)).toBe(false);
});
