import { expect, test } from 'vitest';
import type { HttpReply, HttpRequest } from '../../core/fabric/message.ts';
import { answerEdge, EDGE_BODY_LIMIT, responseOf, type EdgeOptions } from './edge.ts';
import { edgeTarget } from './edge-target.ts';

const base = new URL('https://pages.example/org/repo/');
const at = (address: string) => edgeTarget(new URL(address), base);

test('addresses at the edge name a node and a path; no other address is touched', () => {
  expect(at('https://pages.example/org/repo/edge/gateway/api/orders?id=1')).toEqual({
    name: 'gateway',
    path: '/api/orders?id=1',
  });
  expect(at('https://pages.example/org/repo/edge/gateway')).toEqual({ name: 'gateway', path: '/' });
  expect(at('https://gateway.servarium.test/api/orders')).toEqual({ name: 'gateway', path: '/api/orders' });
  expect(at('https://pages.example/edge/gateway/api')).toBeNull();
  expect(at('https://other.example/org/repo/edge/gateway/api')).toBeNull();
  expect(at('https://pages.example/org/repo/assets/a.js')).toBeNull();
});

function options(reply: HttpReply, change: Partial<EdgeOptions> = {}) {
  const asked: [string, HttpRequest][] = [];
  const given: EdgeOptions = {
    base,
    nodeOf: (name) => (name === 'gateway' ? 'gw' : null),
    owns: () => true,
    answer: async (node, request) => {
      asked.push([node, request]);
      return reply;
    },
    ...change,
  };
  return { asked, given };
}
const created: HttpReply = {
  status: 201,
  headers: { 'content-type': 'application/json', 'content-length': '999' },
  body: '{"id":1}',
};
const post = (body: string) =>
  new Request('https://gateway.servarium.test/api/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

test('a request reaches the node with method, path, headers and body, and its reply comes back', async () => {
  const { asked, given } = options(created);
  const response = await answerEdge(post('{"a":1}'), given);
  expect(asked).toEqual([
    ['gw', { method: 'POST', path: '/api/orders', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }],
  ]);
  expect([response?.status, response?.headers.get('content-length'), await response?.text()]).toEqual([
    201,
    null,
    '{"id":1}',
  ]);
});

test('a tab that only reads, an unknown node and a huge body get coded problems and reach no run', async () => {
  const other = options(created, { owns: () => false });
  const problemOf = async (response: Response | null) => [
    response?.status,
    ((await response?.json()) as { code: string } | undefined)?.code,
  ];
  expect(await problemOf(await answerEdge(post('{}'), other.given))).toEqual([503, 'EDGE_OTHER_TAB']);
  const { asked, given } = options(created);
  expect(await problemOf(await answerEdge(new Request('https://nobody.servarium.test/'), given))).toEqual([
    404,
    'EDGE_NO_NODE',
  ]);
  expect(await problemOf(await answerEdge(post('x'.repeat(EDGE_BODY_LIMIT + 1)), given))).toEqual([
    413,
    'EDGE_BODY_TOO_LARGE',
  ]);
  expect([...asked, ...other.asked]).toEqual([]);
});

test('replies that a browser cannot represent do not throw', async () => {
  expect(responseOf({ status: 204, headers: {}, body: 'x' }).body).toBeNull();
  expect(responseOf({ status: 99, headers: {}, body: null }).status).toBe(502);
  const odd = responseOf({ status: 200, headers: { 'bad name': '1', ok: 'a\r\nb' }, body: null });
  expect([...odd.headers]).toEqual([['ok', 'a  b']]);
});
