import { expect, type Locator, type Page } from '@playwright/test';
import type { EventOf, EventType } from '../src/core/fabric/event.ts';
import type { Document } from '../src/core/topology/schema/types.ts';
import { events, openRun, reach } from './servarium-page.ts';

interface Answer {
  status: number;
  headers: Record<string, string>;
  json: Record<string, unknown>;
}
/** What the page's own fetches get from the gateway, all sent at once. */
export const askAll = (page: Page, count: number, path: string, init: RequestInit = {}): Promise<Answer[]> =>
  page.evaluate(
    ({ count, path, init }) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const reply = await fetch(`edge/gateway${path}`, init);
          const text = await reply.text();
          const json = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
          return { status: reply.status, headers: Object.fromEntries(reply.headers), json };
        }),
      ),
    { count, path, init: init as Record<string, string> },
  );
export const ask = async (page: Page, path: string, init: RequestInit = {}): Promise<Answer> =>
  (await askAll(page, 1, path, init))[0] as Answer;
/** An edit reaches the run a moment after the field: asks until the status is this one. */
export async function askUntil(page: Page, status: number, path: string, init: RequestInit = {}): Promise<Answer> {
  const got: Answer[] = [];
  await expect.poll(async () => got[got.push(await ask(page, path, init)) - 1]?.status).toBe(status);
  return got.at(-1) as Answer;
}
export const logged = async <T extends EventType>(page: Page, type: T): Promise<EventOf<T>[]> =>
  (await events(page)).filter((event): event is EventOf<T> => event.type === type);
/** Instances that the gateway has sent requests to, in order. */
export const reached = async (page: Page): Promise<string[]> =>
  (await logged(page, 'message.sent')).flatMap(({ from, to, payload }) =>
    from === 'gateway#0' && payload.kind === 'http.request' ? [to] : [],
  );

/** Runs a document; gives what the console says from now on, but for the browser's own line about each answer of error that a fetch got. */
export async function openDocument(page: Page, document: Document, speed = 10): Promise<string[]> {
  const heard: string[] = [];
  page.on('pageerror', (error) => heard.push(`uncaught: ${error.message}`));
  page.on('console', (line) => {
    const isAnswer =
      line.text().startsWith('Failed to load resource') && line.location().url.includes('/edge/gateway/');
    if (line.type() !== 'debug' && !isAnswer) heard.push(`${line.type()}: ${line.text()}`);
  });
  await openRun(page, document, { speed });
  await reach(page, 500_000);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  return heard;
}
export const setSpeed = (page: Page, speed: number | 'max') =>
  page.evaluate((to) => window.servarium.setSpeed(to), speed);

export const inspector = (page: Page): Locator => page.getByTestId('inspector');
/** Opens a folded part of the inspector. */
export async function unfold(within: Locator, title: string): Promise<Locator> {
  const button = within.page().getByRole('button', { name: new RegExp(`^${title}`) });
  const part = within.locator('div[data-open]').filter({ has: button }).first();
  await part
    .getByRole('button', { name: new RegExp(`^${title}`) })
    .first()
    .click();
  return part;
}
/** Opens it and switches it on. */
export async function switchOn(within: Locator, title: string): Promise<Locator> {
  const part = await unfold(within, title);
  await part.getByRole('switch', { name: title, exact: true }).first().click();
  await expect(part.getByRole('switch', { name: title, exact: true }).first()).toBeChecked();
  return part;
}
export async function fill(
  within: Locator,
  role: 'spinbutton' | 'textbox',
  label: string,
  value: string,
): Promise<void> {
  const field = within.getByRole(role, { name: label, exact: true }).first();
  await field.fill(value);
  await field.blur();
}
/** Takes one of several. */
export const choose = async (within: Locator, label: string, option: string): Promise<void> => {
  await within.getByRole('combobox', { name: label, exact: true }).first().selectOption(option);
};
export const openTab = (page: Page, name: string): Promise<void> =>
  inspector(page)
    .getByRole('tab', { name: new RegExp(`^${name}`) })
    .click();
/** Sets a fault of what is selected as the form says. */
export async function setFault(
  page: Page,
  kind: string,
  more: (faults: Locator) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  await openTab(page, 'Run');
  await choose(inspector(page), 'Fault', kind);
  await more(inspector(page));
  await inspector(page).getByRole('button', { name: 'Set fault' }).click();
  await expect(page.getByTestId(`fault-${kind}`)).toBeVisible();
}
