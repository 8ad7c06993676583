import { afterEach, expect, test, vi } from 'vitest';
import { holdEdge } from './edge-hold.ts';

const base = new URL('http://localhost/site/');
const before = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = before;
  vi.unstubAllGlobals();
});

test('requests to the edge wait until it is open and are asked of what is there then; others go at once', async () => {
  vi.stubGlobal('location', { href: base.href });
  const asked: string[] = [];
  const answering = (who: string) => async (input: RequestInfo | URL) => {
    asked.push(`${who} ${input instanceof Request ? input.url : input.toString()}`);
    return new Response(who);
  };
  globalThis.fetch = answering('network');
  const open = holdEdge(base);
  const held = [fetch('edge/gateway/a'), fetch('https://gateway.servarium.test/b', { method: 'POST' })];
  await fetch('examples/hello.json');
  expect(asked).toEqual(['network examples/hello.json']);
  open();
  globalThis.fetch = answering('edge');
  expect(await Promise.all(held.map(async (one) => (await one).text()))).toEqual(['edge', 'edge']);
  expect(asked.slice(1)).toEqual(['edge edge/gateway/a', 'edge https://gateway.servarium.test/b']);
});

test('an open edge leaves the browser its own fetch, also where somebody else has replaced it meanwhile', async () => {
  const own = async () => new Response('own');
  globalThis.fetch = own;
  holdEdge(base)();
  expect(globalThis.fetch).toBe(own);
  const open = holdEdge(base);
  const other = async () => new Response('other');
  globalThis.fetch = other;
  open();
  expect(globalThis.fetch).toBe(other);
});
