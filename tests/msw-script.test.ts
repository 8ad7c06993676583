import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test("the published service worker script is the installed msw's (else: npm run copy:msw)", () => {
  const published = readFileSync('public/mockServiceWorker.js', 'utf8');
  expect(published).toBe(readFileSync('node_modules/msw/lib/mockServiceWorker.js', 'utf8'));
});
