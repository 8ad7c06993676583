/* The site's only service worker. It does two things and touches nothing else:
   1. the shell: answers the built files from a cache, so the site starts offline;
   2. the edge: hands `<base>edge/...` and `*.servarium.test` to msw's script, which asks the page for the answer.
   A registration scope has one active worker, hence one file. Our listeners are added BEFORE msw's script is imported,
   so they run first and decide what msw gets to see. */

// Where a host sends the content security policy as a header, these two are the only scripts that may be imported.
const IMPORTED = new Set(['./precache-manifest.js', './mockServiceWorker.js']);
self.trustedTypes?.createPolicy('default', { createScriptURL: (url) => (IMPORTED.has(url) ? url : null) });

// Sets self.__SHELL = { version, files }. Its bytes change with every build, which makes the browser install an update.
importScripts('./precache-manifest.js');

const SCOPE = self.registration.scope;
const PREFIX = `shell:${SCOPE}:`;
const CACHE = PREFIX + self.__SHELL.version;
const HOME = new Set([SCOPE, `${SCOPE}index.html`]);
const SHELL_URLS = new Set(self.__SHELL.files.map((file) => new URL(file, SCOPE).href));

// msw unregisters the registration when its last client closes; the next start would then need the network.
self.registration.unregister = () => Promise.resolve(false);

// After a forced reload the page has no controller and its requests would bypass the edge: it asks to be claimed.
self.addEventListener('message', (event) => {
  if (event.data !== 'CLAIM') return;
  event.stopImmediatePropagation();
  event.waitUntil(self.clients.claim());
});

self.addEventListener('install', (event) => {
  // `reload` goes past the HTTP cache: a static host may still serve yesterday's page from there.
  const requests = self.__SHELL.files.map((file) => new Request(file, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

/** Names of our caches, newest first (the browser lists them in order of creation), the current one in front. */
async function generations() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  return [CACHE, ...names.reverse()];
}

self.addEventListener('activate', (event) => {
  // The previous generation stays: a page opened before the update still loads its own chunks by their old names.
  const drop = async () => Promise.all((await generations()).slice(2).map((name) => caches.delete(name)));
  event.waitUntil(drop());
});

/** From the network, so that a new deploy shows at once; without a network, what was cached under `url`. */
async function networkFirst(request, url) {
  const fresh = await fetch(request).catch(() => undefined);
  if (fresh?.ok) return fresh;
  const cached = await (await caches.open(CACHE)).match(url);
  return cached ?? fresh ?? Response.error();
}

/** A file with a hash in its name never changes: from the newest generation that has it, else from the network. */
async function cacheFirst(request, url) {
  for (const name of await generations()) {
    const cached = await (await caches.open(name)).match(url);
    if (cached) return cached;
  }
  return fetch(request);
}

function isEdge(url) {
  return url.href.startsWith(`${SCOPE}edge/`) || url.hostname.endsWith('.servarium.test');
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (isEdge(url)) return; // msw's listener is next
  event.stopImmediatePropagation();
  if (event.request.method !== 'GET') return;
  const address = url.origin + url.pathname;
  if (event.request.mode === 'navigate') {
    if (HOME.has(address)) event.respondWith(networkFirst(event.request, SCOPE));
  } else if (address.startsWith(`${SCOPE}assets/`)) {
    event.respondWith(cacheFirst(event.request, address));
  } else if (SHELL_URLS.has(address)) {
    event.respondWith(networkFirst(event.request, address));
  }
});

importScripts('./mockServiceWorker.js');
