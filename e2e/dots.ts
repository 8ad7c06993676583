import { expect, type Page } from '@playwright/test';

/** The overlay that draws a dot per message on the wire. */
export const packets = (page: Page) => page.getByTestId('packets');

/** Runs `count` frames in the page. */
export const frames = (page: Page, count: number): Promise<void> =>
  page.evaluate(
    (count) =>
      new Promise<void>((resolve) => {
        const next = (left: number): void => void requestAnimationFrame(() => (left > 0 ? next(left - 1) : resolve()));
        next(count);
      }),
    count,
  );

/** Pauses while at least one message is on the wire and says at which virtual time. */
export async function pauseWithDots(page: Page): Promise<number> {
  await expect.poll(() => packets(page).getAttribute('data-dots'), { intervals: [30] }).not.toBe('0');
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await page.evaluate(() => window.servarium.pause());
    await frames(page, 4);
    if (Number(await packets(page).getAttribute('data-dots')) > 0) break;
    await page.evaluate(() => window.servarium.play());
    await frames(page, 9);
  }
  return page.evaluate(() => window.servarium.state().now);
}

/** Presses a mouse button on a dot: on the first pixel from the top that is drawn. */
export async function clickDot(page: Page, button: 'left' | 'right' = 'left'): Promise<void> {
  const dot = await packets(page).evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data, width } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 3; at < data.length; at += 4) {
      if ((data[at] ?? 0) < 255) continue;
      const pixel = (at - 3) / 4;
      const ratio = canvas.width / canvas.clientWidth;
      return { x: (pixel % width) / ratio, y: Math.floor(pixel / width) / ratio };
    }
    return null;
  });
  const box = await packets(page).boundingBox();
  if (box === null || dot === null) throw new Error('a dot is drawn');
  await page.mouse.move(box.x + dot.x, box.y + dot.y + 2);
  await page.mouse.click(box.x + dot.x, box.y + dot.y + 2, { button });
}
