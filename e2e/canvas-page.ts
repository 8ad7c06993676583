import { expect, type Locator, type Page } from '@playwright/test';
import type { Document } from '../src/core/topology/schema/types.ts';

/** Names of console messages and uncaught errors, collected from the start: the console has to stay silent. */
export function listen(page: Page): string[] {
  const heard: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'debug') heard.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => heard.push(`uncaught: ${error.message}`));
  return heard;
}

/** The document as it is open now. */
export const documentOf = (page: Page): Promise<Document> => page.evaluate(() => window.servarium.document());

/** A node on the canvas by its title. */
export const node = (page: Page, title: string): Locator =>
  page.locator('.react-flow__node-card').filter({ has: page.getByText(title, { exact: true }) });
export const link = (page: Page, name: string): Locator => page.locator(`.react-flow__edge[aria-label="${name}"]`);

/** Opens an empty document through the menu, as a person does. */
export async function openEmpty(page: Page): Promise<void> {
  await page.goto('./');
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'New', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Start with a client and a service' })).toBeVisible();
}

/** Drags something from the palette to a place of the canvas, given from its top left corner. */
export async function dragFromPalette(page: Page, preset: string, to: { x: number; y: number }): Promise<void> {
  const item = page.locator(`[data-preset="${preset}"]`);
  const canvas = await page.getByTestId('canvas').boundingBox();
  const from = await item.boundingBox();
  if (!canvas || !from) throw new Error('Failed to drag: palette item or canvas is not on screen');
  await page.mouse.move(from.x + 20, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(canvas.x + to.x - 30, canvas.y + to.y - 20, { steps: 4 });
  await page.mouse.move(canvas.x + to.x, canvas.y + to.y, { steps: 4 });
  await page.mouse.up();
}

/** Drags from the right port of one node to the middle of another. */
export async function wire(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.hover();
  const port = await from.locator('.react-flow__handle-right.source').boundingBox();
  const target = await to.boundingBox();
  if (!port || !target) throw new Error('Failed to wire: a node is not on screen');
  await page.mouse.move(port.x + port.width / 2, port.y + port.height / 2);
  await page.mouse.down();
  await page.mouse.move(target.x + target.width / 2 - 20, target.y + target.height / 2 - 6, { steps: 6 });
  await page.mouse.move(target.x + target.width / 2, target.y + target.height / 2, { steps: 4 });
  await page.mouse.up();
}
