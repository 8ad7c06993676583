import { expect, test } from '@playwright/test';
import { guardedShop } from '../src/hosts/contract/guarded-shop.ts';
import { documentOf, node } from './canvas-page.ts';
import { ask, askUntil, choose, fill, inspector, logged, openDocument, switchOn, unfold } from './features-page.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

test('GW4 tokens by hand: the gateway asks for one, the Auth service’s time, a client that logs in, users that think', async ({
  page,
}) => {
  const document = guardedShop('EdDSA');
  Object.values(document.nodes).forEach((one, index) => (one.position = { x: 20 + 250 * index, y: 120 }));
  const { web, gateway } = document.nodes;
  if (web?.kind !== 'client' || gateway?.kind !== 'gateway') throw new Error('the shop has a client and a gateway');
  web.config.load = { model: 'open', ratePerSecond: 0, arrival: 'constant' };
  delete web.config.login;
  delete gateway.config.auth;
  for (const route of gateway.config.routes) delete route.auth;
  const heard = await openDocument(page, document, 1);
  expect((await ask(page, '/api/order')).status).toBe(200);

  const panel = inspector(page);
  await node(page, 'API gateway').click();
  const entry = panel.getByRole('region', { name: 'What enters' });
  const auth = await switchOn(entry, 'Authentication');
  expect(await askUntil(page, 401, '/api/order')).toMatchObject({ json: { code: 'token_missing' } });
  await panel.getByRole('button', { name: /\/token → / }).click();
  const route = panel.getByRole('listitem').filter({ has: page.getByRole('combobox', { name: 'Match' }) });
  const asked = await switchOn(route, 'Authentication');
  await asked.getByRole('switch', { name: 'Required' }).click();
  const body = JSON.stringify({ grant_type: 'client_credentials', client_id: 'web', client_secret: 'web-secret' });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  const { json } = await askUntil(page, 200, '/token', init);
  const headers = { authorization: `Bearer ${json['access_token'] as string}` };
  expect((await ask(page, '/api/order', { headers })).status).toBe(200);
  await fill(auth, 'textbox', 'Audience', 'others');
  await askUntil(page, 401, '/api/order', { headers });
  await fill(auth, 'textbox', 'Audience', 'api');
  await askUntil(page, 200, '/api/order', { headers });
  await fill(auth, 'textbox', 'Issuer', 'http://somebody');
  await expect(auth.getByRole('alert')).toContainText('every token would be refused');
  await auth.getByRole('textbox', { name: 'Issuer', exact: true }).press('Escape');

  const limit = await switchOn(entry, 'Rate limit');
  const counted = async () => {
    await ask(page, '/api/order', { headers: { ...headers, 'x-client-kind': 'mobile' } });
    return (await logged(page, 'limit.decided')).at(-1)?.key;
  };
  await choose(limit, 'Counted per', 'consumer');
  await expect.poll(counted).toMatch(/^consumer /);
  await choose(limit, 'Counted per', 'client-kind');
  await expect.poll(counted).toBe('client-kind mobile');
  await limit.getByRole('switch', { name: 'Rate limit', exact: true }).click();

  await node(page, 'Auth').click();
  const tokens = await unfold(panel, 'Issues tokens');
  await fill(tokens, 'spinbutton', 'Valid for', '77');
  await expect.poll(async () => (await ask(page, '/token', init)).json['expires_in']).toBe(77);
  // The gateway follows in the same edit: tokens of the former issuer are refused, new ones pass.
  await fill(tokens, 'textbox', 'Issuer', 'https://id.example');
  expect(await askUntil(page, 401, '/api/order', { headers })).toMatchObject({ json: { code: 'invalid_token' } });
  const renewed = (await ask(page, '/token', init)).json['access_token'] as string;
  expect((await ask(page, '/api/order', { headers: { authorization: `Bearer ${renewed}` } })).status).toBe(200);

  await node(page, 'Web').click();
  await choose(panel, 'Model', 'closed');
  await fill(panel, 'spinbutton', 'Users', '3');
  await fill(panel, 'spinbutton', 'Think time', '500');
  const complaints = async () => (await logged(page, 'log')).filter(({ text }) => text.includes('Failed to send'));
  await expect.poll(async () => (await complaints()).length).toBeGreaterThan(0);
  const circular = panel.getByRole('combobox', { name: 'Logs in with' });
  await circular.selectOption('GET');
  await expect(panel.getByRole('alert')).toContainText('login');
  await circular.selectOption('Log in');
  await expect(panel.getByRole('alert')).toHaveCount(0);
  const answers = async () =>
    (await logged(page, 'message.sent')).flatMap(({ to, operation, payload }) =>
      to === 'web#0' && payload.kind === 'http.reply' ? [operation] : [],
    );
  await expect.poll(answers).toContain('200 GET /api/order');
  expect(await answers()).toContain('200 POST /token');
  await page.evaluate(() => window.servarium.setSpeed(10));
  const asking = async () =>
    (await logged(page, 'message.sent')).filter(
      ({ from, payload }) => from === 'web#0' && payload.kind === 'http.request',
    );
  await expect.poll(async () => (await asking()).length).toBeGreaterThan(20);
  // Closed: never more under way than there are users.
  const log = await logged(page, 'message.sent');
  let open = 0;
  let most = 0;
  for (const { from, to, payload } of log) {
    if (from === 'web#0' && payload.kind === 'http.request') open += 1;
    if (to === 'web#0' && payload.kind === 'http.reply') open -= 1;
    most = Math.max(most, open);
  }
  expect(most).toBeLessThanOrEqual(3);
  await expect(node(page, 'Web')).toContainText('3 users');

  // Removing the request that logs in takes the login along, in one step of undo.
  await panel.getByRole('button', { name: 'Remove: Log in' }).click();
  const login = async () => {
    const client = (await documentOf(page)).nodes['web'];
    return client?.kind === 'client' ? [client.config.login, client.config.requests.length] : [];
  };
  expect(await login()).toEqual([undefined, 2]);
  await page.keyboard.press('Control+z');
  expect(await login()).toEqual(['log-in', 3]);

  await choose(panel, 'Model', 'open');
  await fill(panel, 'spinbutton', 'Rate', '20');
  await choose(panel, 'Arrival', 'constant');
  await choose(panel, 'Kind', 'iot');
  const gap = async () => {
    const [a, b] = (await asking()).filter(({ operation }) => operation.includes('/api/order')).slice(-2);
    return (b?.t ?? 0) - (a?.t ?? 0);
  };
  await expect.poll(gap).toBe(50_000);
  const kinds = async () => {
    const last = (await asking()).at(-1)?.payload;
    return last?.kind === 'http.request' ? last.headers['x-client-kind'] : null;
  };
  await expect.poll(kinds).toBe('iot');
  expect(heard).toEqual([]);
});
