import { expect, test, type Page } from '@playwright/test';
import type { Step } from '../src/core/topology/schema/types.ts';
import { node } from './canvas-page.ts';
import {
  ask,
  askUntil,
  choose,
  fill,
  inspector,
  logged,
  openDocument,
  openTab,
  setFault,
  switchOn,
  unfold,
} from './features-page.ts';
import { events } from './servarium-page.ts';
import { drawn, echo, forward, gateway, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

/** How long the last finished handler of a node took, in virtual µs. */
async function lastHandling(page: Page, source: string): Promise<number> {
  const log = await events(page);
  const ended = log.findLast((event) => event.type === 'span.ended' && event.source === source);
  const started = log.find(
    (event) => event.type === 'span.started' && ended?.type === 'span.ended' && event.spanId === ended.spanId,
  );
  return (ended?.t ?? 0) - (started?.t ?? 0);
}

test('a service by hand: values, service time, replicas, start-up, liveness, restart, release', async ({ page }) => {
  const desk = service('desk', [echo('work', '/work'), echo('ready', '/ready')]);
  const heard = await openDocument(
    page,
    drawn('desk', { gateway: gateway([forward('all', 'prefix', '/', 'desk')]), desk }, ['http gateway desk']),
  );
  await node(page, 'Desk').click();
  const panel = inspector(page);
  await expect(panel.getByRole('spinbutton', { name: 'Prefetch' })).toHaveCount(0);
  await fill(panel, 'textbox', 'Values', '{ "name": "Ada" }');
  await expect.poll(async () => (await ask(page, '/work')).json['by']).toBe('Ada');
  await fill(panel, 'spinbutton', 'Value', '400');
  const taken = async () => {
    await ask(page, '/work');
    return lastHandling(page, 'desk#0');
  };
  await expect.poll(taken).toBeGreaterThanOrEqual(400_000);
  await fill(panel, 'spinbutton', 'Value', '5');

  await fill(panel, 'spinbutton', 'Start-up', '700');
  await fill(panel, 'spinbutton', 'Replicas', '2');
  const of = async (type: 'instance.starting' | 'instance.ready', instance: string) =>
    (await logged(page, type)).filter((event) => event.instance === instance);
  await expect.poll(async () => (await of('instance.ready', 'desk#1')).length).toBe(1);
  const second = [(await of('instance.starting', 'desk#1'))[0]?.t, (await of('instance.ready', 'desk#1'))[0]?.t];
  expect((second[1] ?? 0) - (second[0] ?? 0)).toBe(700_000);
  await fill(panel, 'spinbutton', 'Replicas', '1');

  await panel.getByRole('switch', { name: 'Never restart' }).click();
  await fill(panel, 'spinbutton', 'Restart after', '900');
  const health = await switchOn(panel, 'Health probes');
  await health.getByRole('switch', { name: 'Readiness' }).click();
  await health.getByRole('switch', { name: 'Liveness' }).click();
  await fill(health, 'textbox', 'Path', '/ready');
  await fill(health, 'spinbutton', 'Failures in a row', '1');
  // Sooner than it listens the probe would end it for ever, as in Kubernetes.
  await fill(health, 'spinbutton', 'First after', '1500');
  await fill(health, 'spinbutton', 'Every', '200');
  await setFault(page, 'step-error', async (faults) => {
    await faults.getByRole('combobox', { name: 'Step' }).selectOption('ready-answer');
    await fill(faults, 'textbox', 'Code', 'stuck');
  });
  const crashes = () => logged(page, 'instance.crashed');
  await expect.poll(async () => (await crashes())[0]?.reason).toContain('liveness probe failed: HTTP 500');
  await page.getByTestId('fault-step-error').getByRole('button').click();
  await expect.poll(async () => (await of('instance.starting', 'desk#0')).length).toBeGreaterThan(1);
  const down = (await crashes())[0]?.t ?? 0;
  const again = (await of('instance.starting', 'desk#0')).find(({ t }) => t > down);
  expect((again?.t ?? 0) - down).toBe(900_000);
  await askUntil(page, 200, '/work');

  await openTab(page, 'Settings');
  const probes = await unfold(panel, 'Health probes');
  await probes.getByRole('switch', { name: 'Startup' }).click();
  const release = await switchOn(panel, 'Release of a new version');
  await fill(release, 'spinbutton', 'To finish', '500');
  await fill(panel, 'textbox', 'Version', 'v2');
  const drained = async () => (await logged(page, 'instance.draining')).length;
  const before = await drained();
  const versions = async () => (await logged(page, 'instance.starting')).map(({ version }) => version);
  await expect.poll(async () => (await versions()).at(-1)).toBe('v2');
  expect(await drained()).toBeGreaterThanOrEqual(before);
  const rolled = (await logged(page, 'instance.draining')).length;
  await choose(panel, 'Order', 'at-once');
  await fill(panel, 'textbox', 'Version', 'v3');
  await fill(panel, 'spinbutton', 'Port', '8123');
  await fill(panel, 'spinbutton', 'Replicas', '2');
  await expect.poll(async () => (await versions()).at(-1)).toBe('v3');
  expect(await drained()).toBe(rolled);
  expect((await logged(page, 'instance.starting')).at(-1)?.address).toMatch(/:8123$/);
  const passed = async () =>
    (await logged(page, 'probe.changed')).map(({ instance, probe, passing }) => `${instance} ${probe} ${passing}`);
  await expect.poll(passed).toContain('desk#1 startup true');
  expect(heard).toEqual([]);
});

test('RS1 RS5 a call by hand: retries and what its face counts, throttle, breaker, time', async ({ page }) => {
  const call: Step = { id: 'ask', do: 'call', to: 'peer', endpoint: 'work', input: {}, timeoutMs: 4000, as: 'got' };
  const answer: Step = { id: 'answer', do: 'respond', status: 200, body: { by: '${ got.body.by }' } };
  const desk = service('desk', [{ id: 'page', method: 'GET', path: '/page', steps: [call, answer] }]);
  const built = {
    gateway: gateway([forward('all', 'prefix', '/', 'desk')]),
    desk,
    peer: service('peer', [echo('work', '/work')]),
  };
  const heard = await openDocument(page, drawn('calls', built, ['http gateway desk', 'http desk peer']));
  await node(page, 'Peer').click();
  await openTab(page, 'Run');
  await setFault(page, 'error-rate', (faults) => fill(faults, 'spinbutton', 'How often', '100'));
  await askUntil(page, 502, '/page');
  await expect(page.getByTestId('retries-desk')).toHaveCount(0);

  await node(page, 'Desk').click();
  await openTab(page, 'Behaviour');
  const panel = inspector(page);
  await panel.getByRole('button', { name: 'GET /page', exact: true }).click();
  await panel.getByRole('button', { name: /^call/ }).first().click();
  const retries = await switchOn(panel, 'Retries');
  await choose(retries, 'Jitter', 'none');
  await fill(retries, 'spinbutton', 'First', '60');
  await fill(retries, 'spinbutton', 'Attempts', '2');
  const decided = async () => {
    await ask(page, '/page');
    return logged(page, 'retry.decided');
  };
  const made = async () => (await decided()).findLast(({ refused }) => refused === null);
  await expect.poll(made).toMatchObject({ to: 'peer', attempt: 1, delayUs: 60_000 });
  const face = async () => {
    const all = await logged(page, 'retry.decided');
    const refused = all.filter((event) => event.refused !== null && !event.refused.startsWith('attempts'));
    return `retries ${all.filter((event) => event.refused === null).length}refused ${refused.length}`;
  };
  await expect.poll(() => page.getByTestId('retries-desk').textContent()).toBe(await face());
  await retries.getByRole('switch', { name: 'gRPC throttling' }).click();
  await fill(retries, 'spinbutton', 'Tokens', '1');
  await expect.poll(async () => (await decided()).at(-1)?.refused).toContain('throttle');
  await expect.poll(() => page.getByTestId('retries-desk').textContent()).toBe(await face());
  await retries.getByRole('switch', { name: 'Retries', exact: true }).click();
  await expect(page.getByTestId('retries-desk')).toHaveCount(0);

  const breaker = await switchOn(panel, 'Circuit breaker');
  await fill(breaker, 'spinbutton', 'Judges from', '2');
  await fill(breaker, 'spinbutton', 'Window size', '2');
  await fill(breaker, 'spinbutton', 'Stays open', '600000');
  await expect.poll(async () => (await ask(page, '/page')).json['code']).toBe('breaker_open');
  await expect(page.getByTestId('breaker-desk-peer')).toHaveAttribute('data-state', 'open');
  await breaker.getByRole('switch', { name: 'Circuit breaker', exact: true }).click();

  await node(page, 'Peer').click();
  await openTab(page, 'Run');
  await page.getByTestId('fault-error-rate').getByRole('button').click();
  await askUntil(page, 200, '/page');
  await setFault(page, 'slow', (faults) => fill(faults, 'spinbutton', 'Slower by', '100'));
  await expect.poll(async () => (await ask(page, '/page')) && lastHandling(page, 'peer#0')).toBeGreaterThan(400_000);
  await node(page, 'Desk').click();
  await openTab(page, 'Behaviour');
  await panel.getByRole('button', { name: 'GET /page', exact: true }).click();
  await panel.getByRole('button', { name: /^call/ }).first().click();
  await fill(panel, 'spinbutton', 'Timeout, ms', '300');
  expect(await askUntil(page, 504, '/page')).toMatchObject({ json: { code: 'timeout' } });
  const anew = await switchOn(panel, 'Retries');
  await anew.getByRole('checkbox', { name: 'time-out' }).click();
  await fill(anew, 'spinbutton', 'Time per try', '50');
  await expect.poll(async () => (await decided()).findLast(({ refused }) => refused === null)?.reason).toBe('timeout');
  expect(heard).toEqual([]);
});
