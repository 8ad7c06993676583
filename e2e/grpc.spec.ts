import { expect, test } from '@playwright/test';
import { connect } from '../src/core/topology/edit/connect.ts';
import { addNode, emptyDocument } from '../src/core/topology/edit/edit.ts';
import type { Document } from '../src/core/topology/schema/types.ts';
import { node } from './canvas-page.ts';
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
