import { expect, test, type Page } from '@playwright/test';
import { symmetricKey } from '../src/core/auth/keys.ts';
import { guardedShop } from '../src/hosts/contract/guarded-shop.ts';
import { performEffect } from '../src/hosts/tokens/perform-effect.ts';
import { node } from './canvas-page.ts';
import { ask, askUntil, choose, fill, inspector, logged, openDocument, openTab, unfold } from './features-page.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

const ORDER = '/api/order';
/** The header or the claims of a token. */
const partOf = (token: string, part: 0 | 1) =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const status = async (page: Page, token: string): Promise<number> => (await ask(page, ORDER, bearer(token))).status;

test('GW4 keys and tokens by hand: pasted keys, algorithms, leeway, where keys are and how long they are kept; steps that issue and publish', async ({
  page,
}) => {
  const document = guardedShop('EdDSA');
  Object.values(document.nodes).forEach((one, index) => (one.position = { x: 20 + 250 * index, y: 120 }));
  const { web } = document.nodes;
  if (web?.kind !== 'client') throw new Error('the shop has a client');
  web.config.load = { model: 'open', ratePerSecond: 0, arrival: 'constant' };
  const heard = await openDocument(page, document, 1);
  const body = JSON.stringify({ grant_type: 'client_credentials', client_id: 'web', client_secret: 'web-secret' });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  const issued = async () => (await askUntil(page, 200, '/token', init)).json['access_token'] as string;
  const token = await issued();
  expect(await status(page, token)).toBe(200);

  const panel = inspector(page);
  await node(page, 'API gateway').click();
  const auth = await unfold(panel.getByRole('region', { name: 'What enters' }), 'Authentication');
  /** How often the gateway fetched keys while somebody asked three times, and from where. */
  const fetched = async () => {
    const paths = async () =>
      (await logged(page, 'message.sent')).flatMap(({ to, payload }) =>
        to === 'auth#0' && payload.kind === 'http.request' && payload.method === 'GET' ? [payload.path] : [],
      );
    const before = (await paths()).length;
    for (let n = 0; n < 3; n += 1) await ask(page, ORDER, bearer(token));
    return (await paths()).slice(before);
  };
  await fill(auth, 'spinbutton', 'Kept for', '600000');
  await expect.poll(fetched).toEqual([]);
  await fill(auth, 'spinbutton', 'Kept for', '0');
  await expect.poll(fetched).toEqual(Array<string>(3).fill('/.well-known/jwks.json'));

  // A second way to the keys and a second way to a token, made of the steps.
  await node(page, 'Auth').click();
  await openTab(page, 'Behaviour');
  const add = async (path: string, step: string, answer: string, more: () => Promise<void>) => {
    await panel.getByRole('button', { name: 'Add endpoint' }).click();
    await panel.getByRole('button', { name: /^GET.*endpoint(-\d+)?$/ }).click();
    await fill(panel, 'textbox', 'Path', path);
    const card = panel.getByRole('listitem').filter({ has: page.getByRole('combobox', { name: 'Method' }) });
    await choose(card, 'Add step', step);
    await more();
    // A step that is added stands before the answer.
    await card
      .getByRole('button', { name: /^respond/ })
      .last()
      .click();
    await fill(card, 'textbox', 'Body', answer);
    await panel.getByRole('button', { name: `GET ${path}`, exact: true }).click();
  };
  await add('/token/keys', 'jwks', '${ keys }', async () => {
    await panel.getByRole('button', { name: /^public keys/ }).click();
    await expect(panel.getByRole('textbox', { name: 'Result as' })).toHaveValue('keys');
  });
  await add('/token/mint', 'token', '${ made }', async () => {
    await panel.getByRole('button', { name: /^issue token/ }).click();
    await fill(panel, 'textbox', 'Subject', 'by-hand');
    await fill(panel, 'textbox', 'Audience', '"api"');
    await fill(panel, 'textbox', 'Scopes', '["orders:read"]');
    await fill(panel, 'textbox', 'Other claims', '{ "shift": "night" }');
    await fill(panel, 'spinbutton', 'Valid for, s', '4000');
    await fill(panel, 'textbox', 'Result as', 'made');
  });
  await askUntil(page, 200, '/token/keys');
  const minted = (await askUntil(page, 200, '/token/mint')).json['access_token'] as string;
  const claims = partOf(minted, 1);
  expect(claims).toMatchObject({ sub: 'by-hand', aud: 'api', scope: 'orders:read', shift: 'night' });
  expect((claims['exp'] as number) - (claims['iat'] as number)).toBe(4000);
  expect(await status(page, minted)).toBe(200);

  await node(page, 'API gateway').click();
  const again = await unfold(panel.getByRole('region', { name: 'What enters' }), 'Authentication');
  await fill(again, 'textbox', 'Keys at', '/token/keys');
  await expect.poll(fetched).toEqual(Array<string>(3).fill('/token/keys'));

  // Keys of one's own: what they do not sign is refused, so is what no algorithm allows, and what expired longer ago than the leeway.
  await choose(again, 'Keys of', '');
  await expect.poll(() => status(page, minted)).toBe(401);
  const secret = 'ab'.repeat(32);
  const published = await performEffect({ do: 'jws.public-key', secret });
  if (!published.ok) throw new Error(published.message);
  await fill(again, 'textbox', 'Public keys', JSON.stringify([published.value, symmetricKey(secret)]));
  const now = claims['iat'] as number;
  const signed = async (algorithm: 'EdDSA' | 'HS256', exp: number) => {
    const payload = { iss: 'https://issuer.example', aud: 'api', sub: 'me', scope: 'orders:read', exp };
    const made = await performEffect({
      do: 'jws.sign',
      algorithm,
      secret,
      header: { typ: 'JWT' },
      payload: JSON.stringify(payload),
    });
    return made.ok ? (made.value as string) : '';
  };
  const [own, shared, old] = [
    await signed('EdDSA', now + 100_000),
    await signed('HS256', now + 100_000),
    await signed('EdDSA', now - 5000),
  ];
  await expect.poll(() => status(page, own)).toBe(200);
  expect([await status(page, shared), await status(page, old)]).toEqual([401, 401]);
  await again.getByRole('checkbox', { name: 'HS256' }).click();
  await expect.poll(() => status(page, shared)).toBe(200);
  await again.getByRole('checkbox', { name: 'EdDSA' }).click();
  await expect.poll(() => status(page, own)).toBe(401);
  await again.getByRole('checkbox', { name: 'EdDSA' }).click();
  await fill(again, 'spinbutton', 'Clock leeway', '9000');
  await expect.poll(() => status(page, old)).toBe(200);

  // Back to the Auth service, which now shares a secret: the gateway follows in the same edit.
  await choose(again, 'Keys of', 'auth');
  await expect.poll(() => status(page, token)).not.toBe(503);
  await node(page, 'Auth').click();
  await openTab(page, 'Settings');
  const tokens = await unfold(panel, 'Issues tokens');
  await choose(tokens, 'Algorithm', 'HS256');
  const algorithm = async () => partOf(await issued(), 0)['alg'];
  await expect.poll(algorithm).toBe('HS256');
  await expect.poll(async () => status(page, await issued())).toBe(200);
  expect((await ask(page, '/token/keys')).json).toEqual({ keys: [] });
  expect(heard).toEqual([]);
});
