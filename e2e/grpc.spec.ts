import { expect, test } from '@playwright/test';
import { connect } from '../src/core/topology/edit/connect.ts';
import { addNode, emptyDocument } from '../src/core/topology/edit/edit.ts';
import type { Document } from '../src/core/topology/schema/types.ts';
import { documentOf, node, wire } from './canvas-page.ts';
import { bothHashes, crashes, events, now, openRun, reach } from './servarium-page.ts';

test.use({ viewport: { width: 1440, height: 900 } });

/** web -> gateway -> shop -> user, all over HTTP; drawn by the functions behind the canvas. */
function drawing(): Document {
  let ids = 0;
  let document = emptyDocument('calls', 'Calls');
  const place = (what: string, x: number): string => {
    const placed = addNode(document, what, { x, y: 100 }, () => `n${(ids += 1)}`);
    if (placed === null) throw new Error(`no preset ${what}`);
    document = placed.document;
    return placed.id;
  };
  const draw = (from: string, to: string): void => {
    const drawn = connect(document, from, to, () => `l${(ids += 1)}`);
    if (!drawn.ok) throw new Error(drawn.error[0]?.message);
    document = drawn.value.document;
  };
  const [web, gateway, shop, user] = [
    place('client-web', 0),
    place('gateway', 300),
    place('blank', 600),
    place('user', 900),
  ];
  draw(shop, user);
  draw(gateway, shop);
  draw(web, gateway);
  return document;
}

test('a call becomes gRPC while the run goes on; the log is that of virtual time', async ({ page }) => {
  const document = drawing();
  await openRun(page, document, { seed: document.seed, speed: 10 });
  await reach(page, 3_000_000);
  await node(page, 'Service').click();
  const inspector = page.getByTestId('inspector');
  await inspector.getByRole('tab', { name: 'Links' }).click();
  await inspector.getByRole('button', { name: /User/ }).click();
  await inspector.getByLabel('Protocol').selectOption('grpc');
  await expect(inspector.getByLabel('Protocol')).toHaveValue('grpc');
  await reach(page, (await now(page)) + 5_000_000);
  const log = await events(page);
  const requests = log.filter((event) => event.type === 'message.sent' && event.payload.kind === 'grpc.request');
  expect(requests.length).toBeGreaterThan(0);
  expect(requests[0]).toMatchObject({ payload: { path: '/user.UserService/GetUser', json: '{"user_id":"1"}' } });
  const replies = log.flatMap((event) =>
    event.type === 'message.sent' && event.payload.kind === 'grpc.reply' ? [event.payload.status] : [],
  );
  expect(new Set(replies)).toEqual(new Set([0]));
  expect(await crashes(page)).toEqual([]);
  const { tab, virtual } = await bothHashes(page, document, document.seed);
  expect(tab).toEqual(virtual);
});

/** web, gateway and user side by side, not linked. */
function unlinked(): Document {
  let ids = 0;
  let document = emptyDocument('through', 'Through a gateway');
  for (const [what, x] of [
    ['client-web', 0],
    ['gateway', 300],
    ['user', 640],
  ] as const) {
    const placed = addNode(document, what, { x, y: 100 }, () => `n${(ids += 1)}`);
    if (placed === null) throw new Error(`no preset ${what}`);
    document = placed.document;
  }
  return document;
}

test('GW18 gRPC through a gateway: drawn by mouse, made gRPC in the forms, one rpc chosen for the route; the same bytes on both links', async ({
  page,
}) => {
  const document = unlinked();
  await openRun(page, document, { seed: document.seed, speed: 10 });
  await reach(page, 500_000);
  await wire(page, node(page, 'API gateway'), node(page, 'User'));
  await wire(page, node(page, 'Web'), node(page, 'API gateway'));
  const inspector = page.getByTestId('inspector');
  for (const other of [/User/, /Web/]) {
    await node(page, 'API gateway').click();
    await inspector.getByRole('tab', { name: 'Links' }).click();
    await inspector.getByRole('button', { name: other }).click();
    await inspector.getByLabel('Protocol').selectOption('grpc');
    await expect(inspector.getByLabel('Protocol')).toHaveValue('grpc');
  }
  await node(page, 'API gateway').click();
  await inspector.getByRole('tab', { name: 'Settings' }).click();
  await expect(inspector.getByLabel('Port for gRPC')).toHaveValue('50051');
  await inspector.getByRole('button', { name: 'gRPC user.UserService → User' }).click();
  await inspector.getByLabel('Calls').selectOption('user.UserService/GetUser');
  await expect(node(page, 'API gateway').getByText('gRPC user.UserService/GetUser')).toBeVisible();
  const { nodes } = await documentOf(page);
  expect(Object.values(nodes).flatMap((one) => (one.kind === 'gateway' ? one.config.routes : []))).toMatchObject([
    { protocol: 'grpc', match: 'exact', path: '/user.UserService/GetUser' },
  ]);
  await node(page, 'Web').click();
  await inspector.getByRole('button', { name: 'Add request' }).click();
  await expect(inspector.getByRole('button', { name: 'gRPC /user.UserService/GetUser by hand' })).toBeVisible();
  await reach(page, (await now(page)) + 5_000_000);
  const sent = (await events(page)).flatMap((event) => (event.type === 'message.sent' ? [event] : []));
  const rpcs = sent.flatMap(({ from, payload }) =>
    payload.kind === 'grpc.request'
      ? [{ from: from.replace(/#.*/, ''), bytes: payload.bytes, path: payload.path }]
      : [],
  );
  const call = { bytes: 'CgEx', path: '/user.UserService/GetUser' };
  expect(rpcs).toContainEqual({ ...call, from: 'n1' });
  expect(rpcs).toContainEqual({ ...call, from: 'n2' });
  const statuses = sent.flatMap(({ payload }) => (payload.kind === 'grpc.reply' ? [payload.status] : []));
  expect([...new Set(statuses)]).toEqual([0]);
  expect(await crashes(page)).toEqual([]);
  const { tab, virtual } = await bothHashes(page, document, document.seed);
  expect(tab).toEqual(virtual);
});
