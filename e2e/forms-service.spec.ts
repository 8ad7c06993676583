import { expect, test, type Page } from '@playwright/test';
import type { Step } from '../src/core/topology/schema/types.ts';
import { documentOf, node } from './canvas-page.ts';
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
import { events, now, settled } from './servarium-page.ts';
import { broker, client, database, drawn, echo, forward, gateway, service } from './small-documents.ts';

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

test('every kind of step is added by hand and runs as it is; an endpoint, a table and rows are the form’s', async ({
  page,
}) => {
  const quiet: Step = { id: 'seen', do: 'log', level: 'info', text: '${ message.type }' };
  const built = {
    gateway: gateway([forward('all', 'prefix', '/', 'desk')]),
    desk: service('desk', [], { subscriptions: [{ id: 'on', broker: 'broker', key: '#', steps: [quiet] }] }),
    peer: service('peer', [echo('work', '/work')]),
    db: database(),
    broker: broker(),
  };
  const links = ['http gateway desk', 'http desk peer', 'owns desk db', 'publish desk broker', 'subscribe broker desk'];
  const heard = await openDocument(page, drawn('steps', built, links));
  const panel = inspector(page);
  await node(page, 'Db').click();
  await panel.getByRole('button', { name: 'Add table' }).click();
  await panel.getByRole('button', { name: /^items/ }).click();
  await panel.getByRole('button', { name: 'Add column' }).click();
  await fill(panel, 'textbox', 'First rows', '[{ "id": "1", "column": "first" }]');
  await fill(panel, 'textbox', 'Unique', '[["column"]]');
  // A fresh database holds them: the run begins again.
  const before = await now(page);
  await page.keyboard.press('Control+Shift+Enter');
  await expect.poll(() => now(page)).toBeLessThan(before);
  await settled(page);
  const changed = async () => (await logged(page, 'store.applied')).filter(({ store }) => store === 'db');
  await expect.poll(async () => (await changed()).map(({ after }) => after)).toEqual([{ id: '1', column: 'first' }]);

  await node(page, 'Desk').click();
  await openTab(page, 'Behaviour');
  await panel.getByRole('button', { name: 'Add endpoint' }).click();
  await panel.getByRole('button', { name: /^GET.*endpoint$/ }).click();
  await fill(panel, 'textbox', 'Path', '/hand');
  await askUntil(page, 200, '/hand');
  const add = panel.getByRole('combobox', { name: 'Add step' }).first();
  const kinds = ['insert', 'get', 'find', 'update', 'call', 'publish', 'wait', 'set', 'log'];
  kinds.push('choose', 'each', 'parallel', 'try', 'transaction', 'delete');
  for (const kind of kinds) await add.selectOption(kind);
  const desk = (await documentOf(page)).nodes['desk'];
  const steps = desk?.kind === 'service' ? (desk.config.endpoints[0]?.steps ?? []) : [];
  expect(steps.map((step) => step.do)).toEqual([...kinds, 'respond']);
  await expect.poll(async () => (await ask(page, '/hand')) && (await logged(page, 'log')).length).toBeGreaterThan(6);
  await askUntil(page, 200, '/hand');
  const log = await events(page);
  const sent = new Set(log.flatMap((event) => (event.type === 'message.sent' ? [event.operation] : [])));
  for (const part of ['get /work', 'insert items', 'find items', 'update items', 'something.happened'])
    expect([part, [...sent].some((operation) => operation.toLowerCase().includes(part))]).toEqual([part, true]);
  // The row of the form is gone by the last step; each pass inserts one.
  expect((await changed()).length).toBeGreaterThan(2);

  await panel
    .getByRole('button', { name: /^insert/ })
    .first()
    .click();
  await fill(panel, 'textbox', 'Value', '{ "id": "${ uuid() }", "column": "twice" }');
  await expect.poll(async () => (await ask(page, '/hand')).json['code']).toBe('unique_violation');
  await panel.getByRole('button', { name: 'Remove: insert', exact: true }).click();
  await askUntil(page, 200, '/hand');
  await panel.getByRole('button', { name: /^respond/ }).click();
  await fill(panel, 'textbox', 'Status', '203');
  await fill(panel, 'textbox', 'Body', '{ "text": "${ rows.size() }" }');
  expect(typeof (await askUntil(page, 203, '/hand')).json['text']).toBe('number');
  await add.selectOption('fail');
  expect(await askUntil(page, 409, '/hand')).toMatchObject({ json: { code: 'refused' } });
  await panel.getByRole('switch', { name: 'Saga' }).first().click();
  await fill(panel, 'textbox', 'Saga step', 'by-hand');
  const sagas = async () => {
    await ask(page, '/hand');
    return (await logged(page, 'span.started')).findLast(({ saga }) => saga !== null)?.saga;
  };
  await expect.poll(sagas).toMatchObject({ name: 'saga', step: 'by-hand' });
  expect(heard).toEqual([]);
});

test('gRPC and messages by hand: a method’s saga and answer, a subscription’s key, prefetch, redeliveries', async ({
  page,
}) => {
  const call: Step = { id: 'ask', do: 'call', to: 'peer', endpoint: 'work', input: {}, timeoutMs: 4000, as: 'got' };
  const publish = (id: string): Step => ({
    id,
    do: 'publish',
    to: 'broker',
    key: 'thing.made',
    type: 'ThingMade',
    body: {},
    via: 'direct',
  });
  const answer: Step = { id: 'answer', do: 'respond', status: 200, body: '${ got.body }' };
  const done: Step = { id: 'done', do: 'respond', status: 202, body: {} };
  const built = {
    web: client('/page', 1),
    gateway: gateway([forward('all', 'prefix', '/', 'desk')]),
    desk: service('desk', [
      { id: 'page', method: 'GET', path: '/page', steps: [call, answer] },
      { id: 'publish', method: 'GET', path: '/publish', steps: [publish('a'), publish('b'), publish('c'), done] },
    ]),
    peer: service('peer', [echo('work', '/work')]),
    reader: service('reader', [], {
      subscriptions: [{ id: 'on', broker: 'broker', key: 'nothing', steps: [{ id: 'rest', do: 'wait', ms: 400 }] }],
    }),
    broker: broker(),
  };
  const links = ['http gateway desk', 'http desk peer', 'publish desk broker', 'subscribe broker reader'];
  links.push('http web gateway', 'http web peer');
  const heard = await openDocument(page, drawn('protocols', built, links));
  const panel = inspector(page);
  await node(page, 'Desk').click();
  await openTab(page, 'Links');
  await panel.getByRole('button', { name: /^Peer/ }).click();
  await choose(panel, 'Protocol', 'grpc');
  await node(page, 'Peer').click();
  await openTab(page, 'Behaviour');
  const [method = ''] = await panel.getByRole('button', { name: /Service\// }).allTextContents();
  await panel.getByRole('button', { name: method, exact: true }).click();
  await panel.getByRole('switch', { name: 'Saga' }).last().click();
  await fill(panel, 'textbox', 'Saga step', 'over-grpc');
  const sagas = async () => {
    await ask(page, '/page');
    return (await logged(page, 'span.started')).flatMap(({ source, saga }) => (saga ? [`${source} ${saga.step}`] : []));
  };
  await expect.poll(sagas).toContain('peer#0 over-grpc');
  await panel.getByRole('button', { name: /^respond/ }).click();
  await fill(panel, 'textbox', 'Body', '{ "id": "7", "name": "by hand" }');
  const answered = async () => {
    await ask(page, '/page');
    const { payload } = (await logged(page, 'message.sent')).findLast(({ from }) => from === 'peer#0') ?? {};
    return payload?.kind === 'grpc.reply' ? payload.json : null;
  };
  await expect.poll(answered).toBe('{"id":"7","name":"by hand"}');

  await node(page, 'Web').click();
  await openTab(page, 'Links');
  await panel.getByRole('button', { name: /^Peer/ }).click();
  await choose(panel, 'Protocol', 'grpc');
  const asked = async () =>
    (await logged(page, 'message.sent')).filter(
      ({ from, payload }) => from === 'web#0' && payload.kind === 'grpc.request',
    ).length;
  await expect.poll(asked).toBeGreaterThan(0);

  await node(page, 'Reader').click();
  await openTab(page, 'Behaviour');
  await panel.getByRole('button', { name: 'on nothing', exact: true }).click();
  await fill(panel, 'textbox', 'Routing key', 'thing.*');
  await openTab(page, 'Settings');
  await fill(panel, 'spinbutton', 'Prefetch', '2');
  const held = async () => {
    await askUntil(page, 202, '/publish');
    return Math.max(...(await logged(page, 'queue.changed')).map(({ unacked }) => unacked));
  };
  await expect.poll(held).toBe(2);
  await setFault(page, 'step-error', (faults) => fill(faults, 'textbox', 'Code', 'spoiled'));
  await node(page, 'Broker').click();
  await openTab(page, 'Settings');
  await panel.getByRole('switch', { name: 'Redeliver without limit' }).click();
  await fill(panel, 'spinbutton', 'Redeliveries', '1');
  await expect
    .poll(async () => (await held()) && (await logged(page, 'queue.changed')).at(-1)?.dead)
    .toBeGreaterThan(0);
  const deliveries = (await logged(page, 'message.sent')).flatMap(({ payload }) =>
    payload.kind === 'amqp.deliver' ? [payload.deliveryCount] : [],
  );
  expect(Math.max(...deliveries)).toBeLessThanOrEqual(2);
  await fill(panel, 'textbox', 'Exchange', 'facts');
  const exchanges = async () => {
    await ask(page, '/publish');
    return (await logged(page, 'message.sent')).flatMap(({ payload }) =>
      payload.kind === 'amqp.publish' ? [payload.message.exchange] : [],
    );
  };
  await expect.poll(exchanges).toContain('facts');
  expect(heard).toEqual([]);
});
