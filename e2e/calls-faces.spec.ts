import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import type { Input, InputBody } from '../src/core/fabric/input.ts';
import type { LogEvent } from '../src/core/fabric/event.ts';
import { grpcSizes } from '../src/core/grpc/sizes.ts';
import { foldContext, foldTo } from '../src/core/telemetry/fold.ts';
import type { RunView } from '../src/core/telemetry/view.ts';
import { compileTopology } from '../src/core/topology/compile.ts';
import type { Document, Fault } from '../src/core/topology/schema/types.ts';
import { listen } from './canvas-page.ts';
import { events, openRun, reach } from './servarium-page.ts';

// The faces are drawn in full from 75 % on: a window in which the example fits at that size.
test.use({ viewport: { width: 1440, height: 900 } });

const S = 1_000_000;
const storefront = (): Document =>
  JSON.parse(readFileSync('public/examples/storefront-calls.json', 'utf8')) as Document;
const openPage: InputBody = { kind: 'request', node: 'web', requestId: 'open-page' };
const set = (fault: Fault): InputBody => ({ kind: 'fault.set', fault });
const clear = (fault: Fault): InputBody => ({ kind: 'fault.clear', fault });

interface Played {
  log: LogEvent[];
  /** The projection at a time, folded from the downloaded log outside of the page. */
  at: (t: number) => RunView;
  /** The page shows this time. */
  show: (t: number) => Promise<void>;
}

/** Runs the storefront with inputs at these seconds up to `until`, pauses, and reads the log. */
async function play(page: Page, until: number, inputs: [number, InputBody][]): Promise<Played> {
  const document = storefront();
  const sorted = inputs.toSorted((a, b) => a[0] - b[0]);
  const recorded = sorted.map(([at, body], seq): Input => ({ at: Math.round(at * S), seq, body }));
  await openRun(page, document, { seed: document.seed, speed: 'max', inputs: recorded });
  await reach(page, until * S);
  await page.evaluate(() => window.servarium.pause());
  const log = await events(page);
  const context = foldContext(compileTopology(document));
  return {
    log,
    at: (t) => foldTo(log, t, context),
    show: async (t) => {
      await page.evaluate((t) => window.servarium.seek(t), t);
    },
  };
}

test('a breaker is a switch in its link that opens and closes when the log says so; the caller says why', async ({
  page,
}) => {
  const heard = listen(page);
  const fault: Fault = { kind: 'error-rate', node: 'reviews', rate: 1, status: 503 };
  const asked = Array.from({ length: 30 }, (_, n): [number, InputBody] => [10 + n, openPage]);
  const run = await play(page, 42, [[9, set(fault)], [30, clear(fault)], ...asked]);
  const changes = run.log.filter((event) => event.type === 'breaker.changed');
  const opened = changes.find((event) => event.state === 'open');
  const closed = changes.findLast((event) => event.state === 'closed');
  if (opened === undefined || closed === undefined) throw new Error('the breaker opened and closed again');
  const lever = page.getByTestId('breaker-storefront-reviews');

  await run.show(opened.t - 1);
  await expect(lever).toHaveAttribute('data-state', 'closed');
  await expect(page.getByTestId('reason-storefront')).toHaveCount(0);
  await run.show(opened.t);
  await expect(lever).toHaveAttribute('data-state', 'open');
  await expect(lever).toHaveAttribute(
    'aria-label',
    new RegExp(`is open until .*${opened.failureRate / 10} % of ${opened.calls} calls failed`),
  );
  await expect(page.getByTestId('reason-storefront')).toHaveText(
    `breaker to Reviews open: ${opened.failureRate / 10} % of ${opened.calls} calls failed`,
  );
  await expect(page.getByTestId('reason-reviews')).toHaveText('status 503 by fault: 100 %');
  const half = changes.find((event) => event.state === 'half-open');
  await run.show(half?.t ?? 0);
  await expect(lever).toHaveAttribute('data-state', 'half-open');
  await run.show(closed.t);
  await expect(lever).toHaveAttribute('data-state', 'closed');
  await expect(page.getByTestId('reason-storefront')).toHaveCount(0);
  expect(heard).toEqual([]);
});

test('budgets, refusals, leases, a paused replica and faults of links are those of the log', async ({ page }) => {
  const paused: Fault = { kind: 'pause', node: 'product-v2' };
  const cut: Fault = { kind: 'partition', link: 'storefront-user', direction: 'forward' };
  const burst = Array.from({ length: 15 }, (): [number, InputBody] => [10, openPage]);
  const run = await play(page, 20, [
    ...burst,
    [12, set(paused)],
    [12, set({ kind: 'loss', link: 'mobile-gateway', rate: 0.3 })],
    [13, set(cut)],
    [15, clear(paused)],
    [15, clear(cut)],
  ]);

  const refusal = run.log.findLast((event) => event.type === 'limit.decided' && !event.allowed && event.t < 11 * S);
  if (refusal === undefined) throw new Error('the burst is over the limit');
  // Behind the reply of the last refused request, which leaves in the same instant.
  await run.show(refusal.t);
  const view = run.at(refusal.t);
  const limit = view.limits.get('gateway *');
  expect(limit?.refused).toBeGreaterThan(0);
  await expect(page.getByTestId('limit-gateway-all')).toContainText(`${limit?.remaining} of ${limit?.limit}`);
  await expect(page.getByTestId('limit-gateway-all')).toContainText(`${limit?.refused} refused`);
  await expect(page.getByTestId('code-429-gateway')).toHaveText(`429 ${view.nodes.get('gateway')?.byCode['429']}`);

  await expect(page.locator('[data-node=registry]').getByText('registry', { exact: true })).toBeVisible();
  for (const service of ['product', 'reviews', 'storefront']) {
    const listed = [...view.registry.values()].filter((entry) => entry.service === service);
    expect(listed.length).toBeGreaterThan(0);
    const entry = page.getByTestId(`entry-${service}`);
    await expect(entry.locator('[data-lease=passing]')).toHaveCount(listed.length);
    await expect(entry).toContainText(String(listed.length));
  }

  const pip = page.locator('[data-node=product-v2] [data-pip]');
  await expect(pip).toHaveAttribute('data-pip', 'passing');
  await run.show(14 * S);
  await expect(pip).toHaveAttribute('data-pip', 'paused');
  await expect(page.getByTestId('reason-product-v2')).toHaveText('paused by fault');
  await expect(page.getByTestId('faults-mobile-gateway')).toHaveText('loss 30 %');
  await expect(page.getByTestId('cut-storefront-user')).toHaveAttribute('data-direction', 'forward');
  await expect(page.getByTestId('faults-storefront-user')).toHaveText('cut towards User');
  await run.show(16 * S);
  await expect(pip).toHaveAttribute('data-pip', 'passing');
  await expect(page.getByTestId('cut-storefront-user')).toHaveCount(0);
});

test('an opened gRPC message says its method and what it weighs as protobuf and as JSON', async ({ page }) => {
  const run = await play(page, 14, [[10, openPage]]);
  const sent = run.log.findLast((event) => event.type === 'message.sent' && event.payload.kind === 'grpc.request');
  if (sent?.type !== 'message.sent' || sent.payload.kind !== 'grpc.request') throw new Error('a page asks over gRPC');
  const sizes = grpcSizes(sent.payload);
  await run.show(14 * S);
  await page.getByRole('tab', { name: /^Requests/ }).click();
  await page.getByTestId('drawer').getByText(sent.operation).first().click();
  const panel = page.getByTestId('message-panel');
  await expect(panel).toContainText(sent.payload.path);
  await expect(panel.locator('dl').first()).toContainText(`${sizes?.message} B`);
  await expect(panel.locator('dl').first()).toContainText(`${sizes?.json} B`);
  expect(sizes?.message).toBeLessThan(sizes?.json ?? 0);
});
