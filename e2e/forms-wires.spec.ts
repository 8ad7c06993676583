import { expect, test } from '@playwright/test';
import type { Step } from '../src/core/topology/schema/types.ts';
import { documentOf, node } from './canvas-page.ts';
import { ask, askUntil, choose, fill, inspector, logged, openDocument, openTab } from './features-page.ts';
import { broker, client, drawn, echo, forward, gateway, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

const publish = (to: string): Step => ({ id: to, do: 'publish', to, key: 'thing', type: to, body: {}, via: 'direct' });
const call: Step = { id: 'ask', do: 'call', to: 'peer', endpoint: 'work', input: {}, timeoutMs: 4000, as: 'got' };
const slow = echo('slow', '/slow', 'POST', [{ id: 'rest', do: 'wait', ms: 2000 }]);
const done: Step = { id: 'done', do: 'respond', status: 202, body: {} };

test('requests of a client, the broker of a subscription, a proto with a stream, what a call compensates: by hand, and what travels then', async ({
  page,
}) => {
  const built = {
    web: client('/work', 4),
    gateway: gateway([forward('all', 'prefix', '/', 'desk')]),
    desk: service('desk', [
      { id: 'page', method: 'GET', path: '/page', steps: [call, { ...done, id: 'answer', body: '${ got }' }] },
      echo('work', '/work'),
      echo('made', '/made', 'POST'),
      slow,
      { id: 'publish', method: 'GET', path: '/publish', steps: [publish('broker'), publish('other'), done] },
    ]),
    peer: service('peer', [echo('work', '/work')]),
    reader: service('reader', [], {
      subscriptions: [{ id: 'on', broker: 'broker', key: 'thing', steps: [{ id: 'note', do: 'wait', ms: 1 }] }],
    }),
    broker: broker(),
    other: () => ({ ...broker()({ x: 900, y: 300 }), name: 'other', title: 'Other' }),
  };
  const links = ['http web gateway', 'http web desk', 'http gateway desk', 'http desk peer', 'publish desk broker'];
  links.push('publish desk other', 'subscribe broker reader', 'subscribe other reader');
  const heard = await openDocument(page, drawn('wires', built, links));
  const panel = inspector(page);
  const asked = async () =>
    (await logged(page, 'message.sent')).flatMap(({ from, to, payload }) => {
      if (from !== 'web#0' || payload.kind !== 'http.request') return [];
      const { method, path, headers, body } = payload;
      return [{ to, method, path, mark: headers['x-mark'], body }];
    });
  await node(page, 'Web').click();
  await panel.getByRole('button', { name: /^GET \/work/ }).click();
  await fill(panel, 'textbox', 'Name', 'Make one');
  await expect(panel.getByRole('button', { name: 'Remove: Make one' })).toHaveCount(1);
  await choose(panel, 'Method', 'POST');
  await fill(panel, 'textbox', 'Path', '/made');
  await choose(panel, 'To', 'desk');
  await panel.getByRole('button', { name: 'Add header' }).click();
  const headers = panel.getByRole('group', { name: 'Headers' });
  await fill(headers, 'textbox', 'Name', 'x-mark');
  await fill(headers, 'textbox', 'Value', 'by hand');
  await fill(panel, 'textbox', 'Body', '{ "n": 7 }');
  const made = { to: 'desk#0', method: 'POST', path: '/made', mark: 'by hand', body: '{"n":7}' };
  await expect.poll(async () => (await asked()).at(-1)).toEqual(made);
  await fill(panel, 'textbox', 'Path', '/slow');
  await fill(panel, 'spinbutton', 'Timeout', '150');
  const gaveUp = async () =>
    (await logged(page, 'span.ended')).findLast(({ source, status }) => source === 'web#0' && status === 'error');
  await expect.poll(async () => (await gaveUp())?.description).toContain('150 ms');
  await fill(panel, 'spinbutton', 'Weight', '0');
  await panel.getByRole('button', { name: 'Add request' }).click();
  await panel.getByRole('button', { name: /^POST \/slow/ }).click();
  await panel.getByRole('button', { name: /^GET \/ / }).click();
  await fill(panel, 'textbox', 'Path', '/work');
  const sent = (await asked()).length;
  await fill(panel, 'spinbutton', 'Weight', '3');
  await expect.poll(async () => (await asked()).length).toBeGreaterThan(sent + 3);
  expect(new Set((await asked()).slice(sent + 1).map(({ path }) => path))).toEqual(new Set(['/work']));

  const delivered = async () => {
    await askUntil(page, 202, '/publish');
    const all = (await logged(page, 'message.sent')).filter(({ payload }) => payload.kind === 'amqp.deliver');
    return all.at(-1)?.from;
  };
  await expect.poll(delivered).toBe('broker#0');
  await node(page, 'Reader').click();
  await openTab(page, 'Behaviour');
  await panel.getByRole('button', { name: 'on thing', exact: true }).click();
  await choose(panel, 'Broker', 'other');
  await expect.poll(delivered).toBe('other#0');

  await node(page, 'Desk').click();
  await openTab(page, 'Behaviour');
  await panel.getByRole('button', { name: 'GET /page', exact: true }).click();
  await panel.getByRole('switch', { name: 'Saga' }).first().click();
  await panel.getByRole('button', { name: /^call/ }).click();
  await fill(panel, 'textbox', 'Compensates', 'reserve');
  const direction = async () => {
    await ask(page, '/page');
    const last = (await logged(page, 'message.sent')).findLast(({ to }) => to === 'peer#0');
    return last?.trace?.saga?.direction;
  };
  await expect.poll(direction).toBe('compensation');

  await openTab(page, 'Links');
  await panel.getByRole('button', { name: /^Peer/ }).click();
  await choose(panel, 'Protocol', 'grpc');
  await node(page, 'Peer').click();
  await openTab(page, 'Behaviour');
  const proto = panel.getByRole('textbox', { name: 'proto3 text' });
  const text = await proto.inputValue();
  const [rpc = '', name = '', types = ''] = /rpc (\w+)\((\w+)\)/.exec(text) ?? [];
  await proto.fill(text.replace(rpc, `rpc Watch(${types}) returns (stream ${name.slice(3)}Response);\n  ${rpc}`));
  await proto.blur();
  await panel.getByRole('button', { name: 'Add method' }).click();
  await panel.getByRole('button', { name: 'peer.PeerService/Watch', exact: true }).click();
  await choose(panel, 'Add step', 'send');
  for (const [index, id] of ['1', '2'].entries()) {
    await panel.getByRole('button', { name: /^send/ }).nth(index).click();
    await panel.getByRole('textbox', { name: 'Body' }).nth(index).fill(`{ "id": "${id}" }`);
    await panel.getByRole('textbox', { name: 'Body' }).nth(index).blur();
  }
  await fill(panel, 'spinbutton', 'Port', '50099');
  await node(page, 'Desk').click();
  await openTab(page, 'Behaviour');
  await panel.getByRole('button', { name: 'GET /page', exact: true }).click();
  await panel.getByRole('button', { name: /^call/ }).click();
  await choose(panel, 'Endpoint', 'watch');
  await fill(panel, 'textbox', 'Result as', 'stream');
  await panel.getByRole('button', { name: /^respond/ }).click();
  await panel.getByRole('textbox', { name: 'Body', exact: true }).last().fill('{ "messages": "${ stream.messages }" }');
  await panel.getByRole('textbox', { name: 'Body', exact: true }).last().blur();
  const streamed = async () => (await ask(page, '/page')).json['messages'];
  await expect.poll(streamed).toMatchObject([{ id: '1' }, { id: '2' }]);
  const peer = (await documentOf(page)).nodes['peer'];
  expect(peer?.kind === 'service' ? peer.config.grpc?.methods.map(({ id }) => id) : []).toContain('watch');

  // Where it listens is seen where it is used: in what goes home.
  await page.keyboard.press('Control+e');
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await dialog.getByRole('button', { name: /^compose\.yaml/ }).click();
  await expect(dialog.locator('pre')).toContainText('50099');
  expect(heard).toEqual([]);
});
