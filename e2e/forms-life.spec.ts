import { expect, test, type Page } from '@playwright/test';
import { node } from './canvas-page.ts';
import { ask, askUntil, choose, fill, inspector, logged, openDocument, openTab, switchOn } from './features-page.ts';
import { workerOf } from './servarium-page.ts';
import { broker, database, drawn, echo, forward, gateway, registry, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

/** Ends an instance by a mistake in its worker, and says how long after it the next one began, in virtual ms, and on which port. An edit reaches the run a moment after the field: ask until. */
async function crashed(page: Page, instance: string): Promise<{ afterMs: number; port: string }> {
  const last = async (type: 'instance.crashed' | 'instance.starting') =>
    (await logged(page, type)).findLast((event) => event.instance === instance);
  const before = (await last('instance.starting'))?.t ?? 0;
  const worker = await workerOf(page, instance);
  await worker.evaluate(() => {
    setTimeout(() => {
      throw new Error('planted');
    });
  });
  await expect.poll(async () => (await last('instance.starting'))?.t).toBeGreaterThan(before);
  const [down, up] = [await last('instance.crashed'), await last('instance.starting')];
  const address = up?.type === 'instance.starting' ? up.address : '';
  return { afterMs: ((up?.t ?? 0) - (down?.t ?? 0)) / 1000, port: address.split(':').at(-1) ?? '' };
}

test('RP4 SR3 SR7 a probe by hand: how long it waits, how many successes bring an instance back; restarts of database, broker and registry; blocking queries, ticks', async ({
  page,
}) => {
  const slow = echo('slow', '/slow', 'GET', [{ id: 'rest', do: 'wait', ms: 300 }]);
  const built = {
    gateway: gateway([forward('all', 'prefix', '/', 'shop')]),
    registry: registry(),
    shop: service('shop', [echo('work', '/work'), slow]),
    db: database(),
    broker: () => broker()({ x: 900, y: 300 }),
  };
  const links = ['http gateway shop', 'discovery gateway registry', 'discovery shop registry'];
  links.push('owns shop db', 'publish shop broker');
  const heard = await openDocument(page, drawn('life', built, links));
  const panel = inspector(page);
  await node(page, 'Shop').click();
  const health = await switchOn(panel, 'Health probes');
  await fill(health, 'spinbutton', 'Every', '500');
  await fill(health, 'spinbutton', 'Failures in a row', '1');
  await fill(health, 'spinbutton', 'Timeout', '100');
  await fill(health, 'textbox', 'Path', '/slow');
  await askUntil(page, 503, '/work');
  const verdicts = () => logged(page, 'probe.changed');
  expect((await verdicts()).findLast(({ passing }) => !passing)?.reason).toContain('100 ms');
  await fill(health, 'spinbutton', 'Successes in a row', '4');
  await fill(health, 'spinbutton', 'Timeout', '400');
  await askUntil(page, 200, '/work');
  const [down, up] = (await verdicts()).slice(-2).map(({ t }) => t / 1000);
  expect((up ?? 0) - (down ?? 0)).toBeGreaterThanOrEqual(3 * 500);
  await health.getByRole('switch', { name: 'Health probes', exact: true }).click();

  const restartsAfter = async (title: string, ms: string) => {
    await node(page, title).click();
    await openTab(page, 'Settings');
    await panel.getByRole('switch', { name: 'Never restart' }).click();
    await fill(panel, 'spinbutton', 'Restart after', ms);
  };
  await restartsAfter('Db', '700');
  await choose(panel, 'Engine', 'mongodb');
  await expect(panel.getByRole('button', { name: 'Add collection' })).toBeVisible();
  await expect.poll(() => crashed(page, 'db#0')).toEqual({ afterMs: 700, port: '27017' });
  await restartsAfter('Broker', '800');
  await expect.poll(async () => (await crashed(page, 'broker#0')).afterMs).toBe(800);
  await restartsAfter('Registry', '900');
  await expect.poll(async () => (await crashed(page, 'registry#0')).afterMs).toBe(900);
  await askUntil(page, 200, '/work');

  await panel.getByRole('switch', { name: 'Callers wait for changes' }).click();
  await fill(panel, 'spinbutton', 'At most', '800');
  /** How long the registry kept the last question that came with an index, virtual ms. */
  const held = async () => {
    await ask(page, '/work');
    const sent = await logged(page, 'message.sent');
    const answers = sent.flatMap(({ inReplyTo, t, payload }) => {
      const asked = sent.find((one) => `${one.source}:${one.seq}` === inReplyTo);
      const isHeld = payload.kind === 'registry.result' && asked?.payload.kind === 'registry.discover';
      return isHeld && asked.payload.kind === 'registry.discover' && asked.payload.waitMs === 800 && asked.payload.index
        ? [(t - asked.arriveAt) / 1000]
        : [];
    });
    return Math.floor(answers.at(-1) ?? 0);
  };
  // Consul adds a sixteenth at most.
  await expect.poll(held).toBeGreaterThanOrEqual(800);
  expect(await held()).toBeLessThanOrEqual(850);

  await choose(panel, 'Kind', 'zookeeper');
  await fill(panel, 'spinbutton', 'Heartbeat', '200');
  await fill(panel, 'spinbutton', 'Lease', '600');
  await fill(panel, 'spinbutton', 'Tick', '700');
  /** When the session of the shop ends: at a tick, after two of them at least. */
  const session = async () => {
    const last = (await logged(page, 'registry.changed')).findLast(({ instance }) => instance === 'shop#0');
    const ends = last?.expiresAt ?? 0;
    return { atTick: ends % 700_000 === 0, isLonger: ends - (last?.t ?? 0) > 1_400_000 - 1 };
  };
  await expect.poll(session).toEqual({ atTick: true, isLonger: true });
  expect(heard).toEqual([]);
});
