import { expect, test } from '@playwright/test';
import type { Step } from '../src/core/topology/schema/types.ts';
import { documentOf, node } from './canvas-page.ts';
import { ask, askUntil, choose, fill, inspector, logged, openDocument, openTab, setFault } from './features-page.ts';
import { events, now, settled } from './servarium-page.ts';
import { broker, client, database, drawn, echo, forward, gateway, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

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
  // The last step may take the very row that is to be in the way.
  await panel.getByRole('button', { name: 'Remove: delete', exact: true }).click();
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
  await node(page, 'Broker').click();
  await openTab(page, 'Settings');
  await panel.getByRole('switch', { name: 'Redeliver without limit' }).click();
  await fill(panel, 'spinbutton', 'Redeliveries', '1');
  // Only now: without a limit a message that always fails comes back for ever.
  await node(page, 'Reader').click();
  await setFault(page, 'step-error', (faults) => fill(faults, 'textbox', 'Code', 'spoiled'));
  await node(page, 'Broker').click();
  await openTab(page, 'Settings');
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
