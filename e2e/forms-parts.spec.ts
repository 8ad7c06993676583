import { expect, test } from '@playwright/test';
import type { Endpoint, Step } from '../src/core/topology/schema/types.ts';
import { node } from './canvas-page.ts';
import { ask, askUntil, choose, fill, inspector, logged, openDocument, switchOn } from './features-page.ts';
import { drawn, gateway, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

const item = (method: Endpoint['method'], before: Step[] = [], path = '/item/{id}'): Endpoint => {
  const id = `${method.toLowerCase()}${path === '/item/{id}' ? '' : '-slow'}`;
  const body = { by: '${ config.name }', id: '${ request.params.id }', method: '${ request.method }' };
  return { id, method, path, steps: [...before, { id: `${id}-answer`, do: 'respond', status: 200, body }] };
};
const ids: Endpoint = {
  id: 'ids',
  method: 'GET',
  path: '/ids',
  steps: [{ id: 'ids-answer', do: 'respond', status: 200, body: ['a', 'b'] }],
};
const endpoints = [ids, item('GET'), item('POST'), item('GET', [{ id: 'rest', do: 'wait', ms: 300 }], '/slow/{id}')];

test('GW15 GW16 the parts of an aggregate by hand: for each, to, method, time, retries; versions in a header of one’s own; the port of a gateway', async ({
  page,
}) => {
  const built = {
    gateway: gateway([
      {
        id: 'page',
        match: 'exact',
        path: '/page',
        action: {
          kind: 'aggregate',
          mode: 'sequential',
          parts: [
            { id: 'first', to: 'left', method: 'GET', path: '/ids', required: true },
            { id: 'second', to: 'left', method: 'GET', path: '/item/1', required: false },
          ],
          body: { got: '${ parts.second }' },
        },
      },
    ]),
    left: service('left', endpoints),
    right: service('right', endpoints),
  };
  const heard = await openDocument(page, drawn('parts', built, ['http gateway left', 'http gateway right']));
  const got = async () => (await ask(page, '/page')).json['got'];
  await expect.poll(got).toEqual({ by: 'left', id: '1', method: 'GET' });
  await node(page, 'Gateway').click();
  const panel = inspector(page);
  await panel.getByRole('button', { name: /^\* \/page/ }).click();
  const route = panel.getByRole('listitem').filter({ has: page.getByRole('combobox', { name: 'Match' }) });
  await route.getByRole('button', { name: /^second / }).click();
  const part = route.getByRole('listitem').filter({ has: page.getByRole('combobox', { name: 'Method' }) });
  const each = (by: string, method: string) => ['a', 'b'].map((id) => ({ by, id, method }));
  await fill(part, 'textbox', 'For each', 'parts.first');
  await fill(part, 'textbox', 'Path', '/item/${ item }');
  await expect.poll(got).toEqual(each('left', 'GET'));
  await choose(part, 'To', 'right');
  await expect.poll(got).toEqual(each('right', 'GET'));
  await choose(part, 'Method', 'POST');
  await expect.poll(got).toEqual(each('right', 'POST'));
  await choose(part, 'Method', 'GET');
  await fill(part, 'textbox', 'Path', '/slow/${ item }');
  await fill(part, 'spinbutton', 'Timeout', '100');
  const warned = async () => (await ask(page, '/page')).json['warnings'];
  await expect.poll(warned).toMatchObject([
    { part: 'second', code: 'timeout' },
    { part: 'second', code: 'timeout' },
  ]);
  const retries = await switchOn(part, 'Retries');
  await retries.getByRole('checkbox', { name: 'time-out' }).click();
  await fill(retries, 'spinbutton', 'Time per try', '40');
  const decided = async () => {
    await ask(page, '/page');
    return (await logged(page, 'retry.decided')).findLast(
      ({ call, refused }) => call.includes('second') && refused === null,
    );
  };
  await expect.poll(decided).toMatchObject({ to: 'right', attempt: 1, reason: 'timeout' });

  const versions = await switchOn(panel, 'API versions');
  await choose(versions, 'Asked for by', 'header');
  const asked = (header: string) => ({ headers: { [header]: 'v9' } });
  await askUntil(page, 404, '/page', asked('x-api-version'));
  await fill(versions, 'textbox', 'Header', 'x-edition');
  await askUntil(page, 200, '/page', asked('x-api-version'));
  expect((await ask(page, '/page', asked('x-edition'))).status).toBe(404);

  const instances = panel.getByRole('region', { name: 'Instances' });
  await fill(instances, 'spinbutton', 'Port', '8090');
  await fill(instances, 'spinbutton', 'Replicas', '2');
  const started = async () =>
    (await logged(page, 'instance.starting')).find(({ instance }) => instance === 'gateway#1')?.address;
  await expect.poll(started).toMatch(/:8090$/);
  expect(heard).toEqual([]);
});
