// Copies msw's service worker script to public/. Run it after an update of msw; tests/msw-script.test.ts compares the two.
import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
copyFileSync(at('node_modules/msw/lib/mockServiceWorker.js'), at('public/mockServiceWorker.js'));
console.log('public/mockServiceWorker.js is up to date');
