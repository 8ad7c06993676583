import { expect, test, type Page } from '@playwright/test';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  bothHashes,
  crashes,
  events,
  now,
  openRun,
  openSite,
  orderSaga,
  reach,
  startRun,
  workerOf,
  workersByName,
} from './servarium-page.ts';

/** Sends orders as the page's own scripts would; each is one recorded input. */
const order = (page: Page, count: number) =>
  page.evaluate(async (count) => {
    const body = JSON.stringify({ userId: 'u-1', items: [{ productId: 'p-123', quantity: 1 }] });
    const request = { method: 'POST', path: '/api/orders', headers: { 'content-type': 'application/json' }, body };
    const replies = [];
    for (let i = 0; i < count; i++) replies.push(await window.servarium.send('gateway', request));
    return replies.map((reply) => reply.status);
  }, count);

/** The same site on another port; `change` may replace the text of a file, null = the file is missing. */
async function siteThrough(of: string, change: (path: string, text: string) => string | null) {
  const server = createServer((request, response) => {
    const answer = async () => {
      const path = request.url ?? '/';
      const found = await fetch(new URL(path, of));
      const bytes = Buffer.from(await found.arrayBuffer());
      const text = path.endsWith('.js') ? change(path, bytes.toString()) : bytes;
      response.writeHead(text === null ? 404 : found.status, {
        'content-type': found.headers.get('content-type') ?? 'text/plain',
      });
      response.end(text ?? 'not here');
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(new URL(of).pathname, `http://127.0.0.1:${port}`).href,
    close: () => {
      // The browser keeps its connections open; nobody will use them any more.
      server.closeAllConnections();
      return new Promise<void>((closed) => void server.close(() => closed()));
    },
  };
}

test.beforeEach(({ page }, { title }) => {
  page.on('pageerror', (error) => expect.soft(error.message, 'error on the page').toBe(''));
  page.on('console', (line) => {
    if (line.type() === 'error' && !title.includes('cannot be loaded'))
      expect.soft(line.text(), 'error on the console').toBe('');
  });
});

test('the order system in the tab gives the sha256 of the virtual host @subpath', async ({ page }) => {
  const document = orderSaga();
  await openRun(page, document, { seed: 1, speed: 'max' });
  expect(await order(page, 5)).toEqual([201, 201, 201, 201, 201]);
  await reach(page, 10_000_000);
  const { tab, virtual, inputs } = await bothHashes(page, document, 1);
  expect(tab).toEqual(virtual);
  expect(inputs.map(({ body }) => body.kind)).toEqual(Array.from({ length: 5 }, () => 'request'));
  expect(tab.events).toBeGreaterThan(500);
});

test('with the CPU busy, paused, stepped and at changing speed: the same sha256', async ({ page, context }) => {
  const document = orderSaga();
  await openSite(page);
  // Beside the site, which lets no foreign worker in.
  const busy = await context.newPage();
  await busy.evaluate(() => {
    for (let i = 0; i < 4; i++) new Worker('data:text/javascript,for(;;)Math.sqrt(2);');
  });
  await page.bringToFront();
  await startRun(page, document, { seed: 2, speed: 1 });
  await reach(page, 300_000);
  await page.evaluate(async () => {
    const { servarium } = window;
    await servarium.pause();
    for (let i = 0; i < 5; i++) await servarium.step();
    await servarium.setSpeed('max');
    await servarium.play();
  });
  await order(page, 3);
  await reach(page, 6_000_000);
  const { tab, virtual } = await bothHashes(page, document, 2);
  expect(tab).toEqual(virtual);
});

test('every instance is a worker of its own, with its own rows in IndexedDB and no way to the network', async ({
  page,
}) => {
  const document = orderSaga();
  await openRun(page, document, { seed: 1, speed: 1 });
  await reach(page, 200_000);
  const started = (await events(page)).flatMap((e) => (e.type === 'instance.starting' ? [e.instance] : []));
  const workers = await workersByName(page);
  const instances = [...workers.keys()].filter((name) => name.includes('#'));
  expect(instances.sort()).toEqual(started.sort());
  for (const name of ['order#0', 'order-db#0']) {
    const reachable = await workers.get(name)?.evaluate(() => {
      const names = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'Worker', 'indexedDB', 'caches'];
      return names.filter((name) => Reflect.get(self, name) !== undefined);
    });
    expect(reachable).toEqual([]);
  }
  const databases = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  const id = await page.evaluate(() => window.servarium.document().id);
  for (const [node, record] of Object.entries(document.nodes)) {
    if (record.kind === 'database') expect(databases).toContain(`servarium/${id}/${node}`);
  }
});

test('throwing, rejecting, ended from outside and killed: a crash with its reason, refused calls, and a restart from the store', async ({
  page,
}) => {
  const document = orderSaga();
  await openRun(page, document, { seed: 3, speed: 1 });
  await reach(page, 200_000);
  await order(page, 2);
  await (
    await workerOf(page, 'payment#0')
  ).evaluate(() => {
    setTimeout(() => {
      throw new Error('planted');
    });
  });
  await (
    await workerOf(page, 'shipping#0')
  ).evaluate(() => {
    setTimeout(() => void Promise.reject(new TypeError('planted too')));
  });
  void (await workerOf(page, 'order-db#0')).evaluate(() => self.close()).catch(() => undefined);
  await expect.poll(async () => (await crashes(page)).length, { timeout: 15_000 }).toBe(3);
  expect((await crashes(page)).sort()).toEqual([
    'order-db#0: it was ended from outside',
    'payment#0: Error: planted',
    'shipping#0: TypeError: planted too',
  ]);
  const killed = await page.evaluate(() => window.servarium.inject({ kind: 'instance.kill', instance: 'inventory#0' }));
  expect(killed.ok).toBe(true);
  const dead = await order(page, 1);
  expect(dead[0]).toBeGreaterThanOrEqual(500);
  await page.evaluate(() => window.servarium.setSpeed('max'));
  const restarted = async () =>
    (await events(page)).filter((e) => e.type === 'instance.ready' && e.instance === 'order-db#0').length;
  await expect.poll(restarted, { timeout: 30_000 }).toBeGreaterThan(1);
  expect(await order(page, 1)).toEqual([201]);
  const { tab, virtual, run } = await bothHashes(page, document, 3);
  expect(tab).toEqual(virtual);
  const log = await events(page);
  expect(log.some((e) => e.type === 'message.refused')).toBe(true);
  const rows = await page.evaluate(() => window.servarium.stored('order-db'));
  expect(rows).toEqual(run.stored('order-db'));
  expect(rows.length).toBeGreaterThan(0);
});

test('an endless loop is shown as slow, ended after five seconds, and the rest goes on', async ({ page }) => {
  const document = orderSaga();
  await openRun(page, document, { seed: 4, speed: 1 });
  await reach(page, 200_000);
  void (await workerOf(page, 'order#0'))
    .evaluate(() => {
      setTimeout(() => {
        for (;;) Math.sqrt(2);
      });
    })
    .catch(() => undefined);
  await page.waitForFunction(() => window.servarium.state().slow?.includes('order#0'), null, { timeout: 30_000 });
  await expect.poll(() => crashes(page), { timeout: 20_000 }).toEqual(['order#0: did not answer for 5 s']);
  await reach(page, (await now(page)) + 500_000);
  const { tab, virtual } = await bothHashes(page, document, 4);
  expect(tab).toEqual(virtual);
});

test('an instance whose script cannot be loaded crashes with that reason and starts when it can', async ({
  page,
  baseURL,
}) => {
  let isBroken = true;
  const site = await siteThrough(baseURL ?? '', (path, text) =>
    isBroken && path.includes('instance.worker') ? null : text,
  );
  try {
    await page.goto(site.url);
    // The run that the application starts by itself.
    const known = () => events(page).catch(() => []);
    const reasons = async () => [
      ...new Set((await known()).flatMap((e) => (e.type === 'instance.crashed' ? [e.reason] : []))),
    ];
    await expect.poll(reasons, { timeout: 30_000 }).toEqual(['its script could not be loaded']);
    isBroken = false;
    await page.evaluate(() => window.servarium.setSpeed('max'));
    const ready = async () => (await known()).some((e) => e.type === 'instance.ready' && e.instance === 'order#0');
    await expect.poll(ready, { timeout: 30_000 }).toBe(true);
  } finally {
    // First the page: it goes on fetching fresh workers.
    await page.close();
    await site.close();
  }
});

test('where a worker cannot make workers the page makes them: same bytes, and a crash has its reason', async ({
  page,
  baseURL,
}) => {
  const document = orderSaga();
  const site = await siteThrough(baseURL ?? '', (path, text) =>
    path.includes('fabric.worker') ? `delete self.Worker;${text}` : text,
  );
  try {
    await openRun(page, document, { seed: 6, speed: 1 }, site.url);
    await reach(page, 200_000);
    await (
      await workerOf(page, 'payment#0')
    ).evaluate(() => {
      setTimeout(() => {
        throw new Error('planted');
      });
    });
    await expect.poll(() => crashes(page), { timeout: 15_000 }).toEqual(['payment#0: Error: planted']);
    void (await workerOf(page, 'email#0')).evaluate(() => self.close()).catch(() => undefined);
    await expect
      .poll(async () => (await crashes(page))[1], { timeout: 15_000 })
      .toBe('email#0: it was ended from outside');
    expect(await order(page, 1)).toEqual([201]);
    const { tab, virtual } = await bothHashes(page, document, 6);
    expect(tab).toEqual(virtual);
  } finally {
    // First the page: it goes on fetching fresh workers.
    await page.close();
    await site.close();
  }
});
