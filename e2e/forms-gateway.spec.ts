import { expect, test, type Locator, type Page } from '@playwright/test';
import { node } from './canvas-page.ts';
import {
  ask,
  askAll,
  askUntil,
  choose,
  fill,
  inspector,
  logged,
  openDocument,
  reached,
  switchOn,
  unfold,
} from './features-page.ts';
import { drawn, echo, forward, gateway, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

const card = (page: Page, name: RegExp): Locator => inspector(page).getByRole('button', { name });
const group = (within: Locator, name: string): Locator => within.getByRole('group', { name, exact: true });

/** Adds a condition, says what must hold and names it; it stays open under its new name. */
async function addCondition(within: Locator, add: string, name: string, value: string): Promise<void> {
  await within.getByRole('button', { name: add }).click();
  await within
    .getByRole('button', { name: /be there/ })
    .last()
    .click();
  await choose(within, 'Must', 'equals');
  await fill(within, 'textbox', 'Value', value);
  await fill(within, 'textbox', 'Name', name);
  await expect(within.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(name);
}
/** Adds a pair of a name and a text. */
async function addPair(within: Locator, name: string, text: string): Promise<void> {
  await within.getByRole('button', { name: 'Add header' }).click();
  await fill(within, 'textbox', 'Name', name);
  await fill(within, 'textbox', 'Value', text);
}
const slow = echo('slow', '/slow', 'GET', [{ id: 'rest', do: 'wait', ms: 300 }]);
const endpoints = [echo('echo', '/echo'), echo('post', '/echo', 'POST'), slow];
const shop = (routes: Parameters<typeof gateway>[0], replicas = 1) =>
  drawn(
    'shop',
    {
      gateway: gateway(routes),
      left: service('left', endpoints),
      right: service('right', endpoints, { replicas }),
    },
    ['http gateway left', 'http gateway right'],
  );

test('a route by hand: conditions, methods, prefix, shares, limit, time, transformation; each is what the next request meets', async ({
  page,
}) => {
  const heard = await openDocument(page, shop([forward('main', 'prefix', '/api', 'left')]));
  expect((await ask(page, '/api/echo')).status).toBe(404);
  await node(page, 'Gateway').click();
  await card(page, /\/api → Left$/).click();
  const route = inspector(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('combobox', { name: 'Match' }) });

  await route.getByRole('switch', { name: 'Strip prefix' }).click();
  expect(await askUntil(page, 200, '/api/echo')).toMatchObject({ json: { by: 'left', path: '/echo' } });

  const only = await unfold(route, 'Only when');
  await addCondition(group(only, 'Headers'), 'Add header', 'x-beta', 'yes');
  await askUntil(page, 404, '/api/echo');
  const beta = { 'x-beta': 'yes' };
  expect((await ask(page, '/api/echo', { headers: beta })).status).toBe(200);
  await addCondition(group(only, 'Query'), 'Add parameter', 'stage', 'canary');
  await askUntil(page, 404, '/api/echo', { headers: beta });
  const path = '/api/echo?stage=canary';
  expect((await ask(page, path, { headers: beta })).status).toBe(200);
  await only.getByRole('checkbox', { name: 'mobile' }).click();
  await askUntil(page, 404, path, { headers: beta });
  const mobile = { ...beta, 'x-client-kind': 'mobile' };
  expect((await ask(page, path, { headers: mobile })).status).toBe(200);
  await fill(route, 'textbox', 'Methods', 'get');
  expect((await askUntil(page, 405, path, { method: 'POST', headers: mobile })).headers['allow']).toBe('GET');
  await fill(route, 'textbox', 'Methods', '');
  for (const name of ['x-beta', 'stage']) await only.getByRole('button', { name: `Remove: ${name}` }).click();
  await only.getByRole('checkbox', { name: 'mobile' }).click();
  await askUntil(page, 200, '/api/echo');

  await route.getByRole('switch', { name: 'Split traffic' }).click();
  await route.getByRole('button', { name: /^Left.*90 %/ }).click();
  await fill(route, 'spinbutton', 'Weight', '0');
  const all = async () => new Set((await askAll(page, 6, '/api/echo')).map(({ json }) => json['by']));
  await expect.poll(all).toEqual(new Set(['right']));
  await route.getByRole('switch', { name: 'Split traffic' }).click();
  await expect.poll(all).toEqual(new Set(['left']));

  const time = await unfold(route, 'Timeout');
  await time.getByRole('switch', { name: 'A time of its own' }).click();
  await fill(time, 'spinbutton', 'Timeout', '100');
  expect(await askUntil(page, 504, '/api/slow')).toMatchObject({ json: { code: 'timeout', flag: 'UT' } });
  await time.getByRole('switch', { name: 'A time of its own' }).click();

  const limit = await switchOn(route, 'Rate limit');
  await choose(limit, 'Algorithm', 'fixed-window');
  await choose(limit, 'Per', 'hour');
  await choose(limit, 'Counted per', 'header');
  await fill(limit, 'spinbutton', 'Requests', '1');
  const user = (id: string) => ({ headers: { 'x-user-id': id } });
  const refused = await askUntil(page, 429, '/api/echo', user('u-1'));
  expect([refused.headers['ratelimit-limit'], refused.headers['ratelimit-remaining']]).toEqual(['1', '0']);
  expect((await ask(page, '/api/echo', user('u-2'))).status).toBe(200);
  expect((await ask(page, '/api/echo', user('u-2'))).status).toBe(429);
  await choose(limit, 'Algorithm', 'sliding-window');
  await fill(limit, 'spinbutton', 'Window', '3600000');
  await fill(limit, 'spinbutton', 'Requests', '2');
  await expect.poll(async () => (await ask(page, '/api/echo', user('u-3'))).headers['ratelimit-limit']).toBe('2');
  await limit.getByRole('switch', { name: 'Rate limit', exact: true }).click();

  const transform = await switchOn(route, 'Transformation');
  const request = group(transform, 'Request');
  await addPair(group(request, 'Add headers that are not there'), 'x-how', '${ request.method }');
  await addPair(group(request, 'Rename headers (old, new)'), 'x-old', 'x-new');
  await addPair(group(request, 'Replace headers that are there'), 'x-place', 'replaced');
  await addPair(group(request, 'Append to headers'), 'x-list', 'b');
  await fill(request, 'textbox', 'Remove headers', 'x-secret');
  await fill(request, 'textbox', 'Path', '/echo');
  await fill(request, 'textbox', 'Body', '{ "wrapped": "${ request.body }" }');
  const reply = group(transform, 'Reply');
  await addPair(group(reply, 'Add headers that are not there'), 'x-status', '${ reply.status }');
  await fill(reply, 'textbox', 'Status', '202');
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-secret': '1', 'x-old': 'o', 'x-place': 'p', 'x-list': 'a' },
    body: '{"n":1}',
  };
  const changed = await askUntil(page, 202, '/api/anything', init);
  expect(changed).toMatchObject({
    headers: { 'x-status': '200' },
    json: {
      path: '/echo',
      body: { wrapped: { n: 1 } },
      headers: { 'x-how': 'POST', 'x-new': 'o', 'x-place': 'replaced' },
    },
  });
  expect((changed.json['headers'] as Record<string, string>)['x-list']).toMatch(/^a, ?b$/);
  expect(Object.keys(changed.json['headers'] as object)).not.toContain('x-secret');
  await fill(reply, 'textbox', 'Body', '{ "only": "${ reply.body.by }" }');
  await expect.poll(async () => (await ask(page, '/api/anything', init)).json).toEqual({ only: 'left' });
  expect(heard).toEqual([]);
});

test('a gateway by hand: versions with their dates, request ids, upstream limits, weights, an aggregate of two services', async ({
  page,
}) => {
  const heard = await openDocument(page, shop([forward('main', 'exact', '/echo', 'left')], 2));
  await node(page, 'Gateway').click();
  const versions = await switchOn(inspector(page), 'API versions');
  await versions.getByRole('button', { name: /^v1/ }).click();
  await fill(versions, 'textbox', 'Deprecated from', '2026-01-01T00:00:00Z');
  await fill(versions, 'textbox', 'Gone from', '2027-01-01T00:00:00Z');
  const dates = async () => {
    const { headers } = await ask(page, '/echo');
    return [headers['deprecation'], headers['sunset']];
  };
  await expect.poll(dates).toEqual(['@1767225600', 'Fri, 01 Jan 2027 00:00:00 GMT']);
  await versions.getByRole('button', { name: 'Add version' }).click();
  const asked = (version: string) => ({ headers: { 'x-api-version': version } });
  await card(page, /\/echo → Left$/).click();
  const only = await unfold(inspector(page), 'Only when');
  await choose(only, 'Version', 'v2');
  await askUntil(page, 404, '/echo');
  expect((await ask(page, '/echo', asked('v2'))).status).toBe(200);
  await choose(versions, 'Unknown version', '406');
  await askUntil(page, 406, '/echo', asked('v9'));
  await choose(versions, 'Asked for by', 'media-type');
  await askUntil(page, 200, '/echo', { headers: { accept: 'application/vnd.shop.v2+json' } });
  await fill(versions, 'textbox', 'Without one', 'v2');
  await askUntil(page, 200, '/echo');
  await choose(only, 'Version', '');

  const id = async () => (await ask(page, '/echo', { headers: { 'x-request-id': 'mine' } })).headers['x-request-id'];
  expect(await id()).toBe('mine');
  await choose(inspector(page), 'X-Request-Id', 'replace');
  await expect.poll(id).not.toBe('mine');

  await inspector(page).getByRole('button', { name: 'Add route' }).click();
  await card(page, /\/api\/route → /).click();
  const route = inspector(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('combobox', { name: 'Match' }) })
    .last();
  await fill(route, 'textbox', 'Path', '/page');
  await choose(route, 'Action', 'aggregate');
  await choose(route, 'Order', 'parallel');
  await route.getByRole('button', { name: /^first / }).click();
  await fill(route.getByRole('listitem'), 'textbox', 'Path', '/echo');
  await route.getByRole('button', { name: 'Add part' }).click();
  await route.getByRole('button', { name: /^first / }).click();
  await route.getByRole('button', { name: /^part / }).click();
  const part = route.getByRole('listitem').filter({ has: page.getByRole('combobox', { name: 'Method' }) });
  await fill(part, 'textbox', 'Path', '/gone');
  await part.getByRole('switch', { name: 'Fallback' }).click();
  await fill(part, 'textbox', 'Value', '{ "count": 7 }');
  await route
    .getByRole('textbox', { name: 'Body', exact: true })
    .fill('{ "by": "${ parts.first.by }", "stars": "${ parts.part.count }" }');
  await route.getByRole('textbox', { name: 'Body', exact: true }).blur();
  await expect
    .poll(async () => (await ask(page, '/page')).json)
    .toMatchObject({ by: 'left', stars: 7, warnings: [{ part: 'part', code: 'http_404' }] });
  await part.getByRole('switch', { name: 'Required' }).click();
  expect(await askUntil(page, 404, '/page')).toMatchObject({ json: { part: 'part', code: 'http_404' } });

  await inspector(page).getByRole('button', { name: 'Add route' }).click();
  await card(page, /\/api\/route-2 → /).click();
  const third = inspector(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('combobox', { name: 'Match' }) })
    .last();
  await fill(third, 'textbox', 'Path', '/slow');
  await choose(third, 'To', 'right');
  const balance = await switchOn(inspector(page), 'Load balancing');
  await choose(balance, 'Algorithm', 'weighted-round-robin');
  const weights = group(balance, 'Weights, by #number or version');
  await weights.getByRole('button', { name: 'Add weight' }).click();
  await fill(weights, 'textbox', 'Value', '0');
  const two = async () => {
    expect((await askAll(page, 2, '/slow')).map(({ status }) => status)).toEqual([200, 200]);
    return new Set((await reached(page)).slice(-2));
  };
  await askUntil(page, 200, '/slow');
  await expect.poll(two).toEqual(new Set(['right#1']));
  const limits = await switchOn(inspector(page), 'Upstream limits');
  await fill(limits, 'spinbutton', 'Requests at once', '1');
  await fill(limits, 'spinbutton', 'Waiting', '0');
  const burst = async () => (await askAll(page, 3, '/slow')).map(({ status }) => status).sort((a, b) => a - b);
  await expect.poll(burst).toEqual([200, 503, 503]);
  const instances = inspector(page).getByRole('region', { name: 'Instances' });
  await fill(instances, 'spinbutton', 'Timeout', '100');
  expect(await askUntil(page, 504, '/slow')).toMatchObject({ json: { flag: 'UT' } });
  await fill(instances, 'spinbutton', 'Replicas', '2');
  const ready = async () => (await logged(page, 'instance.ready')).map(({ instance }) => instance);
  await expect.poll(ready).toContain('gateway#1');

  const checks = await switchOn(inspector(page), 'Active health checks');
  await fill(checks, 'spinbutton', 'Every', '500');
  await fill(checks, 'textbox', 'Path', '/gone');
  const out = async () =>
    (await logged(page, 'host.ejected')).flatMap(({ instance, until }) => (until === null ? [instance] : []));
  await expect.poll(out).toContain('left#0');
  await fill(checks, 'textbox', 'Good statuses', '404');
  await expect
    .poll(async () => (await logged(page, 'host.returned')).map(({ instance }) => instance))
    .toContain('left#0');
  expect(heard).toEqual([]);
});
