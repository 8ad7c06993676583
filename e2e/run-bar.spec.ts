import { expect, test, type Page } from '@playwright/test';
import { documentOf, listen } from './canvas-page.ts';
import { openSite, reach } from './servarium-page.ts';

/** What was put into the run; null while none is open. */
const inputs = (page: Page) =>
  page.evaluate(() =>
    window.servarium.inputs().then(
      (recorded) => recorded.map(({ body }) => body.kind),
      () => null,
    ),
  );
const choose = async (page: Page, item: string) => {
  await page.getByTestId('seed').click();
  await page.getByRole('menuitem', { name: item }).click();
};

test('the seed stands in the bar; its menu starts again, takes another seed and resets the rows', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  await page.evaluate(() => window.servarium.setSpeed('max'));
  await reach(page, 1_000_000);
  const { seed } = await documentOf(page);
  await expect(page.getByTestId('seed')).toHaveText(`seed ${seed}`);
  await choose(page, 'Reset rows');
  await expect.poll(() => inputs(page)).toEqual(['wipe']);

  /** The log of the first second, which the run has passed. */
  const firstSecond = async () => {
    await page.evaluate(() => window.servarium.pause());
    const [header = '', ...lines] = (await page.evaluate(() => window.servarium.log())).trimEnd().split('\n');
    return [header, ...lines.filter((line) => (JSON.parse(line) as { t: number }).t < 1_000_000)];
  };
  await choose(page, 'Start again with the same seed');
  await expect.poll(() => inputs(page)).toEqual([]);
  await reach(page, 1_000_000);
  const first = await firstSecond();
  expect(first.length).toBeGreaterThan(100);
  await choose(page, 'Start again with the same seed');
  // The paused run goes; only the new one runs.
  await expect.poll(() => page.evaluate(() => window.servarium.state().status)).toBe('running');
  await reach(page, 1_000_000);
  expect(await firstSecond()).toEqual(first);

  await choose(page, 'Start again with a new seed');
  await expect.poll(async () => (await documentOf(page)).seed).not.toBe(seed);
  await expect(page.getByTestId('seed')).toHaveText(`seed ${(await documentOf(page)).seed}`);
  expect(heard).toEqual([]);
});

test('nothing overlaps in a narrow or enlarged window, and everything stays within reach', async ({ page }) => {
  await openSite(page);
  // 640 and 720 are 1280 and 1440 at 200 % zoom.
  for (const width of [640, 720, 820, 1024, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const boxes = await page.locator('header :is(button, input, [role=timer])').evaluateAll((all) =>
      all
        .filter((one) => (one as HTMLElement).offsetParent !== null)
        .map((one) => ({
          name: one.ariaLabel ?? one.textContent,
          box: one.getBoundingClientRect().toJSON() as DOMRect,
        })),
    );
    const clashes = boxes.flatMap(({ name, box: a }, index) => [
      ...(a.left < 0 || a.right > width ? [`${name} at ${width} px is outside`] : []),
      ...boxes
        .slice(index + 1)
        .flatMap(({ name: other, box: b }) =>
          a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5
            ? [`${name} on ${other} at ${width} px`]
            : [],
        ),
    ]);
    expect(clashes).toEqual([]);
  }
  await page.setViewportSize({ width: 720, height: 800 });
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Export' }).click();
  await expect(page.getByRole('dialog', { name: 'Export' })).toBeVisible();
});

test('the run bar is one stop for the Tab key; arrow keys go from button to button', async ({ page }) => {
  await openSite(page);
  await page.getByTestId('play').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('step')).toBeFocused();
  await page.keyboard.press('End');
  await expect(page.getByTestId('break-demo')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('play')).toBeFocused();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.closest('[role=toolbar]') === null)).toBe(true);
});
