import { expect, test, type Page } from '@playwright/test';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { listen } from './canvas-page.ts';
import { openSite, orderSaga, reach, startRun } from './servarium-page.ts';

/** What each planted attempt ended with: the error's name, `refused` for what fails without one, or `let through`. */
const attempts = (page: Page) =>
  page.evaluate(async () => {
    const tried: Record<string, string> = {};
    const attempt = async (name: string, act: () => unknown): Promise<void> => {
      try {
        await act();
        tried[name] = 'let through';
      } catch (error) {
        tried[name] = error instanceof Error ? error.name : 'refused';
      }
    };
    const host = document.createElement('div');
    const payload = '<img src=x onerror="window.planted = true">';
    await attempt('innerHTML', () => (host.innerHTML = payload));
    await attempt('outerHTML', () => {
      document.body.append(host);
      host.outerHTML = payload;
    });
    await attempt('insertAdjacentHTML', () => host.insertAdjacentHTML('beforeend', payload));
    await attempt('srcdoc', () => (document.createElement('iframe').srcdoc = payload));
    await attempt('document.write', () => document.write(payload));
    await attempt('script address', () => (document.createElement('script').src = 'https://foreign.test/x.js'));
    await attempt('script text', () => (document.createElement('script').text = 'window.planted = true'));
    await attempt('foreign worker', () => new Worker('https://foreign.test/x.js'));
    await attempt('blob worker', () => new Worker(URL.createObjectURL(new Blob(['1']))));
    await attempt('data worker', () => new Worker('data:text/javascript,1'));
    await attempt('foreign service worker', () => navigator.serviceWorker.register('edge/gateway/sw.js'));
    const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): unknown } };
    for (const name of ['default', 'another']) {
      await attempt(`policy "${name}"`, () => trustedTypes?.createPolicy(name, { createHTML: (html: string) => html }));
    }
    host.remove();
    return tried;
  });

test('HTML made of text, foreign scripts and other policies are refused', async ({ page }) => {
  await openSite(page);
  const tried = await attempts(page);
  expect(Object.entries(tried).filter(([, end]) => end === 'let through')).toEqual([]);
  expect(Object.keys(tried)).toHaveLength(13);
  expect(await page.evaluate(() => 'planted' in window)).toBe(false);
});

test('a link that says javascript: runs nothing', async ({ page }) => {
  await openSite(page);
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'javascript:void (window.planted = true)';
    link.textContent = 'planted';
    link.style.position = 'fixed';
    document.body.append(link);
    link.click();
    return new Promise((resolve) => void setTimeout(resolve, 300));
  });
  expect(await page.evaluate(() => 'planted' in window)).toBe(false);
});

test('the same policy sent as a header binds the workers too, and everything runs', async ({ page, baseURL }) => {
  const html = readFileSync('dist/index.html', 'utf8');
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';
  expect(policy).toContain("require-trusted-types-for 'script'");
  const server = createServer((request, response) => {
    const answer = async () => {
      const found = await fetch(new URL(request.url ?? '/', baseURL));
      response.writeHead(found.status, {
        'content-type': found.headers.get('content-type') ?? 'text/plain',
        'content-security-policy': `${policy}; frame-ancestors 'none'`,
      });
      response.end(Buffer.from(await found.arrayBuffer()));
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  try {
    const heard = listen(page);
    await openSite(page, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await startRun(page, orderSaga(), { seed: 1, speed: 'max' });
    await reach(page, 100_000);
    const status = () => page.evaluate(async () => (await fetch('edge/gateway/api/products')).status);
    await expect.poll(status).toBe(200);
    expect(heard).toEqual([]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
