import { mkdirSync, writeFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { expect, test } from '@playwright/test';
import { importCompose } from '../src/core/compose/import-compose.ts';
import { documentOf, dragFromPalette, listen, node, wire } from './canvas-page.ts';
import { events, openSite } from './servarium-page.ts';

test.use({ viewport: { width: 1440, height: 900 } });

/** Where the engine stage finds what a person took home: the drawing and the very file that the browser downloaded. */
const TAKEN_HOME = 'node_modules/.cache/taken-home';

test('drag a service in, wire it, watch a request use it, and take the whole system home', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  await dragFromPalette(page, 'blank', { x: 110, y: 400 });
  const fresh = page.locator('.react-flow__node-card.selected');
  await expect(fresh).toHaveCount(1);
  const title = (await fresh.getAttribute('aria-label')) ?? '';
  await page.keyboard.press('Escape');
  const before = new Set(Object.keys((await documentOf(page)).links));
  await wire(page, node(page, 'Order'), page.locator(`.react-flow__node-card[aria-label="${title}"]`));

  const drawn = await documentOf(page);
  const added = Object.keys(drawn.links).filter((id) => !before.has(id));
  expect(added).toHaveLength(1);
  const target = drawn.links[added[0] as string]?.to.node as string;
  expect(drawn.links[added[0] as string]).toMatchObject({ kind: 'http', from: { node: 'order' } });

  await page.evaluate(() => window.servarium.setSpeed(2));
  await page.getByRole('button', { name: 'Send order' }).click();
  // The order's own handler calls the new service: asked over the new link, answered over it.
  await expect
    .poll(async () => {
      const onLink = (await events(page)).filter((e) => e.type === 'message.sent' && e.link === added[0]);
      return onLink.flatMap((e) =>
        e.type === 'message.sent' && e.payload.kind === 'http.reply' ? [e.payload.status] : [],
      );
    })
    .toContain(200);

  await page.getByRole('button', { name: 'Export' }).click();
  const button = page.getByRole('button', { name: /^Download .*\.zip$/ });
  await expect(button).toBeEnabled();
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const zip = Buffer.concat(chunks);
  const files = unzipSync(new Uint8Array(zip));
  const compose = Object.keys(files).find((name) => name.endsWith('compose.yaml')) as string;
  const text = Buffer.from(files[compose] as Uint8Array).toString('utf8');
  const exported = await documentOf(page);
  expect(importCompose(text)).toEqual({ ok: true, value: exported });
  expect(text).toContain(exported.nodes[target]?.name ?? 'nothing');

  mkdirSync(TAKEN_HOME, { recursive: true });
  writeFileSync(`${TAKEN_HOME}/document.json`, JSON.stringify(exported));
  writeFileSync(`${TAKEN_HOME}/project.zip`, zip);
  expect(heard).toEqual([]);
});
