import { expect, test } from 'vitest';
import { curlOf, headersOf, parseHeaders, type ConsoleRequest } from './edge-request.ts';

const request: ConsoleRequest = {
  gateway: 'gateway',
  method: 'POST',
  path: '/api/orders',
  headers: 'X-A: 1\nnonsense\n  Accept :application/json ',
  body: `{"name":"it's"}`,
};

test('header lines become headers; other lines are left out', () => {
  expect(parseHeaders(request.headers)).toEqual({ 'x-a': '1', accept: 'application/json' });
  expect(headersOf(request)).toMatchObject({ 'content-type': 'application/json' });
  expect(headersOf({ ...request, method: 'GET' })).toEqual({ 'x-a': '1', accept: 'application/json' });
});
test('curl quotes what a shell would read', () => {
  expect(curlOf({ ...request, headers: '' }, 8080)).toBe(
    `curl -X POST 'http://localhost:8080/api/orders' \\\n  -H 'content-type: application/json' \\\n  -d '{"name":"it'\\''s"}'`,
  );
});
