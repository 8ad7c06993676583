import { expect, test, type Page } from '@playwright/test';
import { documentOf, dragFromPalette, link, listen, node, openEmpty, wire } from './canvas-page.ts';

test.use({ viewport: { width: 1440, height: 900 } });

const counts = async (page: Page) => {
  const { nodes, links, groups } = await documentOf(page);
  return { nodes: Object.keys(nodes).length, links: Object.keys(links).length, groups: Object.keys(groups).length };
};
const saved = (page: Page) => expect(page.getByTestId('saved')).toHaveText('Saved');

/** A client, a gateway and a service side by side, the client wired to the gateway. */
async function three(page: Page): Promise<void> {
  await openEmpty(page);
  await dragFromPalette(page, 'client-web', { x: 160, y: 240 });
  await page.keyboard.press('Escape');
  await dragFromPalette(page, 'gateway', { x: 480, y: 240 });
  await page.keyboard.press('Escape');
  await dragFromPalette(page, 'order', { x: 820, y: 240 });
  await page.keyboard.press('Escape');
  await wire(page, node(page, 'Web'), node(page, 'API gateway'));
}

test('drag from the palette, wire, and the link makes traffic', async ({ page }) => {
  const heard = listen(page);
  await three(page);
  await wire(page, node(page, 'API gateway'), node(page, 'Order'));
  await expect(link(page, 'HTTP from API gateway to Order')).toBeAttached();
  const { nodes } = await documentOf(page);
  const gateway = Object.values(nodes).find((found) => found.kind === 'gateway');
  expect(gateway?.kind === 'gateway' && gateway.config.routes.map((route) => route.path)).toEqual(['/api/order']);
  await expect(page.getByTestId('notice').filter({ hasText: 'API gateway has a new route' })).toBeVisible();
  await saved(page);
  expect(heard).toEqual([]);
});

test('wrong wiring is refused with the reason beside the pointer and in the live region', async ({ page }) => {
  await three(page);
  await dragFromPalette(page, 'database-table', { x: 480, y: 460 });
  const before = await counts(page);
  await wire(page, node(page, 'Web'), node(page, 'PostgreSQL'));
  const reason = 'A client only talks to a gateway or a service: data, queues and registries stay behind them';
  await expect(page.getByTestId('notice').filter({ hasText: reason })).toBeVisible();
  await expect(page.getByTestId('live')).toHaveText(reason);
  expect(await counts(page)).toEqual(before);
});

test('a drag is one undo; undo and redo bring everything back', async ({ page }) => {
  await three(page);
  const box = await node(page, 'Order').boundingBox();
  const start = (await documentOf(page)).nodes;
  await page.mouse.move((box?.x ?? 0) + 60, (box?.y ?? 0) + 14);
  await page.mouse.down();
  await page.mouse.move((box?.x ?? 0) + 200, (box?.y ?? 0) + 150, { steps: 20 });
  await page.mouse.up();
  const moved = (await documentOf(page)).nodes;
  expect(moved).not.toEqual(start);
  const place = Object.values(moved).find((found) => found.name === 'order')?.position;
  expect([(place?.x ?? 1) % 8, (place?.y ?? 1) % 8]).toEqual([0, 0]);
  await page.keyboard.press('Control+z');
  expect((await documentOf(page)).nodes).toEqual(start);
  await page.keyboard.press('Control+Shift+z');
  expect((await documentOf(page)).nodes).toEqual(moved);
  for (let step = 0; step < 5; step += 1) await page.keyboard.press('Control+z');
  expect(await counts(page)).toEqual({ nodes: 0, links: 0, groups: 0 });
  await page.keyboard.press('Control+y');
  expect((await counts(page)).nodes).toBe(1);
});

test('deleting a link lists what used it and takes it along in the same undo', async ({ page }) => {
  await three(page);
  await wire(page, node(page, 'API gateway'), node(page, 'Order'));
  const before = await documentOf(page);
  await page.keyboard.press('Delete');
  const notice = page.getByTestId('notice').filter({ hasText: 'Link removed together with 1 step that used it' });
  await expect(notice).toContainText('API gateway: order');
  const after = await documentOf(page);
  expect(Object.values(after.nodes).some((found) => found.kind === 'gateway' && found.config.routes.length > 0)).toBe(
    false,
  );
  await notice.getByRole('button', { name: 'Undo' }).click();
  expect(await documentOf(page)).toEqual(before);
});

test('copy, cut, paste and duplicate, also into another tab', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await three(page);
  await node(page, 'Order').click();
  await page.keyboard.press('Control+d');
  expect((await counts(page)).nodes).toBe(4);
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await page.keyboard.press('Control+v');
  await expect.poll(async () => (await counts(page)).nodes).toBe(8);
  const { nodes } = await documentOf(page);
  const names = Object.values(nodes).map((found) => found.name);
  expect(new Set(names).size).toBe(names.length);
  await page.keyboard.press('Control+x');
  await expect.poll(async () => (await counts(page)).nodes).toBe(4);

  const other = await context.newPage();
  await openEmpty(other);
  await other.keyboard.press('Control+v');
  await expect.poll(async () => (await counts(other)).nodes).toBe(4);
  await other.evaluate(() =>
    navigator.clipboard.writeText('{"format":"servarium-clip","nodes":{"x":{"kind":"nothing"}}}'),
  );
  await other.keyboard.press('Control+v');
  await expect(other.getByTestId('notice').filter({ hasText: 'no Servarium components' })).toBeVisible();
});

test('groups are bounded contexts: they hold, move and let go of their nodes', async ({ page }) => {
  await three(page);
  await node(page, 'Order').click();
  await page.keyboard.press('Control+g');
  await page.keyboard.type('Ordering');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Ordering', { exact: true }).first()).toBeVisible();
  const [group = ''] = Object.keys((await documentOf(page)).groups);
  const order = async () => Object.values((await documentOf(page)).nodes).find((found) => found.name === 'order');
  expect((await order())?.parent).toBe(group);
  const before = (await order())?.position;
  await page.keyboard.press('Shift+ArrowRight');
  expect((await order())?.position.x).toBe((before?.x ?? 0) + 40);
  await page.keyboard.press('Control+Shift+g');
  expect((await order())?.parent).toBeUndefined();
  expect((await counts(page)).groups).toBe(0);
});

test('everything by keyboard: add, connect, move, walk, rename, delete', async ({ page }) => {
  await openEmpty(page);
  await page.keyboard.press('/');
  await page.keyboard.type('web client');
  await page.keyboard.press('Enter');
  await page.keyboard.type('order');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(node(page, 'Order')).toBeVisible();
  expect((await counts(page)).nodes).toBe(2);

  await node(page, 'Web').focus();
  await page.keyboard.press('l');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.type('ord');
  await page.keyboard.press('Enter');
  await expect(link(page, 'HTTP from Web to Order')).toBeAttached();

  await node(page, 'Web').focus();
  const x = async () =>
    Object.values((await documentOf(page)).nodes).find((found) => found.kind === 'client')?.position.x;
  const before = await x();
  await page.keyboard.press('ArrowLeft');
  expect(await x()).toBe((before ?? 0) - 8);
  await page.keyboard.press('F2');
  await page.keyboard.type('Shop');
  await page.keyboard.press('Enter');
  await expect(node(page, 'Shop')).toBeVisible();

  await node(page, 'Shop').focus();
  await page.keyboard.press('Delete');
  await expect(node(page, 'Shop')).toHaveCount(0);
  expect(await counts(page)).toEqual({ nodes: 1, links: 0, groups: 0 });
});

test('an invalid value stays in its field with the problem and is not applied', async ({ page }) => {
  await three(page);
  await node(page, 'Order').click();
  const inspector = page.getByTestId('inspector');
  const name = inspector.getByLabel('Network name');
  await name.fill('API Gateway!');
  await name.press('Enter');
  await expect(inspector.getByRole('alert')).toContainText('a network name has 1 to 40 lower-case letters');
  expect(Object.values((await documentOf(page)).nodes).map((found) => found.name)).toContain('order');
  await name.fill('orders');
  await name.press('Enter');
  await expect(inspector.getByRole('alert')).toHaveCount(0);
  expect(Object.values((await documentOf(page)).nodes).map((found) => found.name)).toContain('orders');
});

test('a number outside of its range stays in its field, says the range, and Escape puts the value back', async ({
  page,
}) => {
  await three(page);
  await node(page, 'Order').click();
  const inspector = page.getByTestId('inspector');
  const portOf = async () =>
    Object.values((await documentOf(page)).nodes).flatMap((found) =>
      found.kind === 'service' && found.name === 'order' ? [found.config.port] : [],
    );
  const before = await portOf();
  const port = inspector.getByLabel('Port');
  const shown = await port.inputValue();
  await port.fill('99999');
  await port.press('Enter');
  await expect(inspector.getByRole('alert')).toHaveText('From 1 to 65,535 (found 99,999)');
  await expect(port).toHaveValue('99999');
  expect(await portOf()).toEqual(before);
  await port.press('Escape');
  await expect(port).toHaveValue(shown);
  await expect(inspector.getByRole('alert')).toHaveCount(0);
  const replicas = inspector.getByLabel('Replicas');
  await replicas.fill('two');
  await replicas.press('Tab');
  await expect(inspector.getByRole('alert')).toHaveText('“two” is not a number');
  await replicas.fill('0');
  await replicas.press('Enter');
  await expect(inspector.getByRole('alert')).toHaveText('From 1 to 20 (found 0)');
  await port.fill('8123');
  await port.press('ArrowUp');
  await expect.poll(portOf).toEqual([8124]);
});

test('a wire dropped on nothing offers what can stand there and connects it', async ({ page }) => {
  await three(page);
  await node(page, 'Order').hover();
  const port = await node(page, 'Order').locator('.react-flow__handle-bottom.source').boundingBox();
  await page.mouse.move((port?.x ?? 0) + 4, (port?.y ?? 0) + 4);
  await page.mouse.down();
  await page.mouse.move((port?.x ?? 0) + 10, (port?.y ?? 0) + 160, { steps: 8 });
  await page.mouse.up();
  const dialog = page.getByRole('dialog', { name: 'Add and connect' });
  await expect(dialog.getByRole('option', { name: 'Web client' })).toHaveCount(0);
  await dialog.getByRole('option', { name: 'Table' }).click();
  await expect(link(page, 'owns its data from Order to PostgreSQL')).toBeAttached();
});

test('bad files are refused in words and the open document stays', async ({ page }) => {
  const heard = listen(page);
  // Keeps the browser's own chooser away between the waits.
  page.on('filechooser', () => undefined);
  await three(page);
  const before = await documentOf(page);
  const open = async (name: string, text: string) => {
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Control+o');
    await (await chooser).setFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  };
  await open('broken.json', '{"format": "servarium",');
  await expect(page.getByTestId('notice').filter({ hasText: 'was not opened: 1 problem' })).toBeVisible();
  await open('future.json', JSON.stringify({ ...before, version: 99 }));
  await expect(page.getByTestId('notice').filter({ hasText: 'version' })).toBeVisible();
  expect(await documentOf(page)).toEqual(before);
  await open('good.json', JSON.stringify({ ...before, name: 'From a file' }));
  await expect(page.getByRole('textbox', { name: 'Document name' })).toHaveValue('From a file');
  expect(heard).toEqual([]);
});

test('Alt and a drag duplicates, lines say what is aligned, resting on a component shows its neighbourhood', async ({
  page,
}) => {
  const heard = listen(page);
  await three(page);
  await node(page, 'Web').hover();
  const far = page.locator('[data-far="true"]');
  await expect(far).toHaveCount(1);
  await expect(far).toContainText('Order');
  const before = await documentOf(page);
  const box = await node(page, 'Order').boundingBox();
  if (!box) throw new Error('the service is on screen');
  await page.mouse.move(box.x + 60, box.y + 14);
  await page.keyboard.down('Alt');
  await page.mouse.down();
  await page.mouse.move(box.x + 60, box.y + 200, { steps: 10 });
  await page.mouse.move(box.x + 60, box.y + 214, { steps: 4 });
  // Dragged along the gateway's row again: their tops are one line.
  await page.mouse.move(box.x + 160, box.y + 14, { steps: 10 });
  await expect(page.getByTestId('guide').first()).toBeVisible();
  await page.mouse.move(box.x + 60, box.y + 214, { steps: 10 });
  await page.mouse.up();
  await page.keyboard.up('Alt');
  await expect(page.getByTestId('guide')).toHaveCount(0);
  const after = await documentOf(page);
  expect(Object.keys(after.nodes).length).toBe(Object.keys(before.nodes).length + 1);
  for (const [id, { position }] of Object.entries(before.nodes)) expect(after.nodes[id]?.position).toEqual(position);
  await page.keyboard.press('Control+z');
  expect(await documentOf(page)).toEqual(before);
  expect(heard).toEqual([]);
});

test('with the hand tool a drag moves the view and nothing else', async ({ page }) => {
  await three(page);
  const before = await documentOf(page);
  const box = await node(page, 'Order').boundingBox();
  if (!box) throw new Error('the service is on screen');
  await page.keyboard.press('h');
  await page.mouse.move(box.x + 60, box.y + 14);
  await page.mouse.down();
  await page.mouse.move(box.x - 40, box.y + 64, { steps: 8 });
  await page.mouse.up();
  expect(await documentOf(page)).toEqual(before);
  const after = await node(page, 'Order').boundingBox();
  expect([Math.round((after?.x ?? 0) - box.x), Math.round((after?.y ?? 0) - box.y)]).toEqual([-100, 50]);
  await page.keyboard.press('v');
  await node(page, 'Order').click();
  await expect(page.getByTestId('inspector')).toBeVisible();
});

test('a component that is selected at the edge comes out from behind the inspector, one in view stays', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto('./');
  await node(page, 'Payment').click();
  const inspector = page.getByTestId('inspector');
  await expect(inspector).toBeVisible();
  const right = async () => {
    const box = await node(page, 'Payment').boundingBox();
    return (box?.x ?? 0) + (box?.width ?? 0);
  };
  const edge = (await inspector.boundingBox())?.x ?? 0;
  await expect.poll(right).toBeLessThan(edge);
  const before = await node(page, 'Order').boundingBox();
  await node(page, 'Order').click();
  await expect(inspector.getByRole('heading', { name: 'Order', exact: true })).toBeVisible();
  expect((await node(page, 'Order').boundingBox())?.x).toBe(before?.x);
});
