import type { Endpoint } from 'comlink';
import { expect, test } from 'vitest';
import { err, ok } from '../../../core/base/result.ts';
import type { WindowReply, WindowRequest } from '../../../core/fabric/protocol.ts';
import { openWindowLine, serveWindows, type DeliverWindow } from './window-line.ts';

const window: WindowRequest = {
  from: 0,
  to: 500,
  items: [
    { t: 1, class: 1, source: 'a#0', seq: 0, body: { type: 'peer.down', instance: 'b#0', reason: 'їжак \ud800' } },
  ],
};
const reply: WindowReply = { sends: [], log: [], nextDue: null, nextSeq: 3, stopped: null };
const hint = { contended: true, cut: -1 };

function line(deliver: DeliverWindow) {
  const { port1, port2 } = new MessageChannel();
  port1.start();
  port2.start();
  serveWindows(deliver, port1 as unknown as Endpoint);
  return { near: openWindowLine(port2 as unknown as Endpoint), far: port1 };
}

test('a window and its reply cross whole, one after the other', async () => {
  const seen: unknown[] = [];
  const { near, far } = line(async (...given) => {
    seen.push(given);
    return ok({ ...reply, nextSeq: seen.length });
  });
  expect(await near.deliver(window, hint)).toEqual(ok({ ...reply, nextSeq: 1 }));
  expect(await near.deliver(window, hint)).toEqual(ok({ ...reply, nextSeq: 2 }));
  expect(seen).toEqual([
    [window, hint],
    [window, hint],
  ]);
  far.close();
});

test('what the instance throws is the reason why there is no reply', async () => {
  const { near, far } = line(() => Promise.reject(new TypeError('boom')));
  expect(await near.deliver(window, hint)).toEqual(err('TypeError: boom'));
  far.close();
});

test('when the far side is gone, the open window and every later one settle with the reason', async () => {
  const { near, far } = line(() => new Promise(() => undefined));
  const open = near.deliver(window, hint);
  near.fail('killed');
  near.fail('later');
  expect(await open).toEqual(err('killed'));
  expect(await near.deliver(window, hint)).toEqual(err('killed'));
  far.close();
});
