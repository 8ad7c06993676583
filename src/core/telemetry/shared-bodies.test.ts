import { expect, test } from 'vitest';
import type { EventOf } from '../fabric/event.ts';
import { createSharedBodies } from './shared-bodies.ts';

const sent = (seq: number, body: string): EventOf<'message.sent'> => ({
  t: seq,
  class: 3,
  source: 'web#0',
  seq,
  type: 'message.sent',
  from: 'web#0',
  to: 'order#0',
  link: 'a',
  operation: 'POST /',
  inReplyTo: null,
  trace: null,
  arriveAt: seq + 1,
  fate: 'deliver',
  size: body.length + 60,
  payload: { kind: 'http.request', method: 'POST', path: '/', headers: {}, body },
});

test('decision 18: a body over 16 KB counts once however many messages carry it, until the last one is gone', () => {
  const shared = createSharedBodies();
  const body = 'x'.repeat(20_000);
  const used: string[] = [];
  expect(shared.share(sent(0, body), used)).toBe(0);
  expect(shared.share(sent(1, `${body}`), used)).toBe(20_000);
  expect(shared.share(sent(2, 'short'), used)).toBe(0);
  expect(used).toHaveLength(2);
  shared.release(used);
  expect(shared.share(sent(3, body), [])).toBe(0);
});
