import { expect, test, type Page } from '@playwright/test';
import { node } from './canvas-page.ts';
import { ask, askUntil, choose, fill, inspector, logged, openDocument, openTab, setFault } from './features-page.ts';
import { events, now, reach } from './servarium-page.ts';
import { drawn, echo, forward, gateway, registry, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

const clock = echo('clock', '/clock', 'GET', [{ id: 'note', do: 'log', level: 'info', text: '${ now() }' }]);
const clear = async (page: Page, kind: string): Promise<void> => {
  await page.getByTestId(`fault-${kind}`).getByRole('button').click();
  await expect(page.getByTestId(`fault-${kind}`)).toHaveCount(0);
};
const everyTime = (faults: ReturnType<typeof inspector>) => fill(faults, 'spinbutton', 'How often', '100');

test('every fault of a node and of a link, set by hand, does what it says and is over when it is cleared; a link’s delay', async ({
  page,
}) => {
  const shop = service('shop', [echo('work', '/work'), clock]);
  const heard = await openDocument(
    page,
    drawn('faults', { gateway: gateway([forward('all', 'prefix', '/', 'shop')], { timeoutMs: 900 }), shop }, [
      'http gateway shop',
    ]),
    2,
  );
  await node(page, 'Shop').click();
  await openTab(page, 'Run');
  await setFault(page, 'step-error', async (faults) => {
    await faults.getByRole('combobox', { name: 'Step' }).selectOption('work-answer');
    await fill(faults, 'textbox', 'Code', 'broken');
  });
  expect(await askUntil(page, 500, '/work')).toMatchObject({ json: { code: 'broken' } });
  await clear(page, 'step-error');
  await askUntil(page, 200, '/work');
  await setFault(page, 'error-rate', async (faults) => {
    await everyTime(faults);
    await fill(faults, 'spinbutton', 'Status', '507');
  });
  await askUntil(page, 507, '/work');
  await clear(page, 'error-rate');
  await askUntil(page, 200, '/work');
  await setFault(page, 'slow', (faults) => fill(faults, 'spinbutton', 'Slower by', '400'));
  expect(await askUntil(page, 504, '/work')).toMatchObject({ json: { code: 'timeout' } });
  await clear(page, 'slow');
  await askUntil(page, 200, '/work');
  await setFault(page, 'pause');
  await askUntil(page, 504, '/work');
  expect((await logged(page, 'instance.paused')).map(({ instance }) => instance)).toEqual(['shop#0']);
  await clear(page, 'pause');
  await askUntil(page, 200, '/work');
  await setFault(page, 'outage');
  expect(await askUntil(page, 503, '/work')).toMatchObject({ json: { code: 'connection_refused', flag: 'UF' } });
  await clear(page, 'outage');
  await askUntil(page, 200, '/work');
  const text = async () => {
    await ask(page, '/clock');
    return (await logged(page, 'log')).at(-1)?.text ?? '';
  };
  const right = Date.parse(await text());
  await setFault(page, 'clock-skew', (faults) => fill(faults, 'spinbutton', 'Off by', '86400000'));
  await expect.poll(async () => Date.parse(await text()) - right).toBeGreaterThan(86_400_000);
  await clear(page, 'clock-skew');
  await expect.poll(async () => Date.parse(await text()) - right).toBeLessThan(3_600_000);

  await node(page, 'Shop').click();
  await openTab(page, 'Links');
  await inspector(page).getByRole('button', { name: 'Gateway HTTP' }).click();
  const panel = inspector(page);
  /** How long the last request travelled, µs, and what became of it. */
  const last = async () => {
    await ask(page, '/work');
    const sent = (await logged(page, 'message.sent')).findLast(({ to }) => to === 'shop#0');
    return { took: (sent?.arriveAt ?? 0) - (sent?.t ?? 0), fate: sent?.fate };
  };
  await fill(panel, 'spinbutton', 'Value', '40');
  await expect.poll(last).toEqual({ took: 40_000, fate: 'deliver' });
  await choose(panel, 'Distribution', 'uniform');
  await fill(panel, 'spinbutton', 'Never below', '60000');
  await expect.poll(last).toEqual({ took: 60_000, fate: 'deliver' });
  await openTab(page, 'Run');
  await setFault(page, 'latency', async (faults) => {
    await fill(faults, 'spinbutton', 'Longer by', '200');
    await fill(faults, 'spinbutton', 'Jitter', '0');
  });
  await expect.poll(last).toEqual({ took: 260_000, fate: 'deliver' });
  await expect(page.getByTestId('faults-gateway-shop')).toContainText('200 ms');
  await clear(page, 'latency');
  await setFault(page, 'loss', everyTime);
  await expect.poll(async () => (await last()).fate).toBe('lost');
  await clear(page, 'loss');
  await setFault(page, 'duplicate', everyTime);
  await expect
    .poll(async () => (await last()).fate && (await logged(page, 'message.duplicated')).length)
    .toBeGreaterThan(0);
  await clear(page, 'duplicate');
  await setFault(page, 'reorder', async (faults) => {
    await everyTime(faults);
    await fill(faults, 'spinbutton', 'Held at most', '500');
  });
  await expect.poll(async () => (await last()).took).toBeGreaterThan(60_000);
  await clear(page, 'reorder');
  await setFault(page, 'partition', (faults) => choose(faults, 'Direction', 'backward'));
  const replies = async () => {
    await ask(page, '/work');
    return (await logged(page, 'message.sent')).findLast(({ from }) => from === 'shop#0')?.fate;
  };
  await expect.poll(replies).toBe('partitioned');
  await expect(page.getByTestId('cut-gateway-shop')).toHaveAttribute('data-direction', 'backward');
  await clear(page, 'partition');
  await askUntil(page, 200, '/work');
  expect(heard).toEqual([]);
});

test('SR2 SR3 a registry by hand: heartbeat, lease, cache, who asks, when an entry goes', async ({ page }) => {
  const built = {
    gateway: gateway([forward('all', 'prefix', '/', 'shop')]),
    registry: registry(),
    shop: service('shop', [echo('work', '/work')], { replicas: 2 }),
  };
  const links = ['http gateway shop', 'discovery gateway registry', 'discovery shop registry'];
  const heard = await openDocument(page, drawn('leases', built, links));
  await node(page, 'Registry').click();
  const panel = inspector(page);
  const of = async (kind: string) =>
    (await logged(page, 'message.sent')).filter(({ payload }) => payload.kind === kind);
  await fill(panel, 'spinbutton', 'Heartbeat', '250');
  const interval = async () => {
    const [a, b] = (await of('registry.heartbeat')).filter(({ from }) => from === 'shop#0').slice(-2);
    return (b?.t ?? 0) - (a?.t ?? 0);
  };
  await expect.poll(interval).toBe(250_000);
  await fill(panel, 'spinbutton', 'Cache', '0');
  const discoveries = async () => (await of('registry.discover')).length;
  const more = async () => {
    const before = await discoveries();
    for (let n = 0; n < 3; n += 1) await ask(page, '/work');
    return (await discoveries()) - before;
  };
  await expect.poll(more).toBeGreaterThanOrEqual(3);
  await fill(panel, 'spinbutton', 'Lease', '700');
  await choose(panel, 'Check', 'http');
  await expect.poll(async () => (await of('registry.check')).length).toBeGreaterThan(1);
  await choose(panel, 'Check', 'ttl');
  await panel.getByRole('switch', { name: 'Remove when critical' }).click();
  await expect(panel.getByRole('spinbutton', { name: 'After', exact: true })).toHaveValue('60000');
  await reach(page, (await now(page)) + 1_000_000);
  await node(page, 'Shop').click();
  await openTab(page, 'Run');
  await inspector(page).getByRole('button', { name: 'Kill', exact: true }).first().click();
  const statuses = async () =>
    (await logged(page, 'registry.changed')).flatMap(({ instance, status }) => (instance === 'shop#0' ? [status] : []));
  await expect.poll(statuses).toContain('critical');
  const log = await events(page);
  const died = log.find(({ type }) => type === 'instance.crashed')?.t ?? 0;
  const critical = log.findLast(
    (event) => event.type === 'registry.changed' && event.instance === 'shop#0' && event.status === 'critical',
  );
  expect((critical?.t ?? 0) - died).toBeLessThanOrEqual(1_000_000);
  await page.evaluate(() => window.servarium.setSpeed('max'));
  await expect.poll(statuses).toContain('gone');

  await page.evaluate(() => window.servarium.setSpeed(10));
  await node(page, 'Registry').click();
  await openTab(page, 'Settings');
  await choose(panel, 'Kind', 'eureka');
  await fill(panel, 'spinbutton', 'Heartbeat', '300');
  await fill(panel, 'spinbutton', 'Lease', '900');
  await fill(panel, 'spinbutton', 'Evicts every', '400');
  await fill(panel, 'spinbutton', 'Answers cached', '100');
  await fill(panel, 'spinbutton', 'Self-preservation', '0');
  await reach(page, (await now(page)) + 2_000_000);
  await node(page, 'Shop').click();
  await openTab(page, 'Run');
  await inspector(page).getByRole('button', { name: 'Kill', exact: true }).first().click();
  const evicted = async () => {
    const changes = await logged(page, 'registry.changed');
    return changes.findLast(({ instance }) => instance === 'shop#1')?.status;
  };
  await expect.poll(evicted).toBe('gone');
  expect(heard).toEqual([]);
});
