import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EventOf, LogEvent } from '../../core/fabric/event.ts';
import type { InputBody } from '../../core/fabric/input.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import { parseDocument, validateDocument } from '../../core/topology/check/validate.ts';
import { performEffect } from '../tokens/perform-effect.ts';
import { runVirtualAsync, type VirtualOptions, type VirtualRun } from './run-virtual.ts';

const S = 1_000_000;
const parsed = parseDocument(
  readFileSync(new URL('../../../public/examples/storefront-calls.json', import.meta.url), 'utf8'),
);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const document = parsed.value;
const run = (seconds: number, inputs: [number, InputBody][] = [], options: VirtualOptions = {}): Promise<VirtualRun> =>
  runVirtualAsync(
    {
      documentId: document.id,
      topology: compileTopology(document),
      initialData: null,
      seed: document.seed,
      inputs: inputs.map(([at, body], seq) => ({ at: at * S, seq, body })),
    },
    seconds * S,
    { ...options, perform: performEffect },
  );
const replies = ({ events }: VirtualRun, path: string): { t: number; status: number; body: string | null }[] =>
  events.flatMap((event) =>
    event.type === 'message.sent' &&
    event.from === 'gateway#0' &&
    event.payload.kind === 'http.reply' &&
    event.operation.includes(path)
      ? [{ t: event.t, status: event.payload.status, body: event.payload.body }]
      : [],
  );
const ofType = <T extends LogEvent['type']>({ events }: VirtualRun, type: T): EventOf<T>[] =>
  events.filter((event): event is EventOf<T> => event.type === type);
const page: InputBody = { kind: 'request', node: 'web', requestId: 'open-page' };

describe('the storefront example', { timeout: 60_000 }, () => {
  it('is sound and runs: clients log in, pages are put together over HTTP and gRPC, both versions of products answer', async () => {
    expect(validateDocument(document)).toEqual([]);
    const whole = await run(60);
    const pages = replies(whole, '/api/pages');
    expect(pages.length).toBeGreaterThan(30);
    expect(pages.filter(({ status }) => status === 200).length / pages.length).toBeGreaterThan(0.95);
    const full = pages.find(({ body }) => body?.includes('"user"'));
    expect(JSON.parse(full?.body ?? '{}')).toMatchObject({
      product: { id: expect.stringMatching(/^p-/) as string },
      user: { email: expect.stringContaining('@') as string },
      reviews: { reviews: [{ stars: 5 }] },
    });
    const upstreams = new Set(ofType(whole, 'span.ended').map((span) => span.attributes['servarium.upstream']));
    expect([upstreams.has('product-v1'), upstreams.has('product-v2')]).toEqual([true, true]);
    expect(ofType(whole, 'message.sent').some(({ payload }) => payload.kind === 'grpc.request')).toBe(true);
  });

  it('breaking the reviews opens the breaker of their call; pages go on with the fallback, and heal', async () => {
    const { fault } = document.demo?.break ?? {};
    if (fault === undefined) throw new Error('no break button');
    const asked = Array.from({ length: 40 }, (_, n): [number, InputBody] => [10 + n, page]);
    const whole = await run(60, [[9, { kind: 'fault.set', fault }], ...asked, [35, { kind: 'fault.clear', fault }]]);
    const states = ofType(whole, 'breaker.changed').map(({ t, state }) => `${Math.floor(t / S)} ${state}`);
    expect(states.some((state) => state.endsWith('open') && !state.endsWith('half-open'))).toBe(true);
    expect(ofType(whole, 'breaker.changed').at(-1)).toMatchObject({ to: 'reviews', state: 'closed' });
    const broken = replies(whole, '/api/pages').filter(({ t, body }) => t > 20 * S && t < 34 * S && body !== null);
    expect(broken.some(({ body }) => body?.includes('no reviews: breaker_open'))).toBe(true);
    expect(broken.every(({ status }) => status === 200 || status === 429)).toBe(true);
  });

  it('a burst of one kind of client is limited, the other kind is not', async () => {
    const burst = Array.from({ length: 30 }, (): [number, InputBody] => [10, page]);
    const whole = await run(14, burst);
    const refused = ofType(whole, 'limit.decided').filter(({ allowed }) => !allowed);
    expect(refused.length).toBeGreaterThan(10);
    expect(new Set(refused.map(({ key }) => key)).size).toBe(1);
    expect(replies(whole, '/api/pages').filter(({ status }) => status === 429).length).toBe(refused.length);
  });

  it('has one hash whatever the window', async () => {
    const hash = (await run(10)).sha256();
    expect((await run(10, [], { windowSize: 700 })).sha256()).toBe(hash);
    expect((await run(10, [], { windowSize: 'event' })).sha256()).toBe(hash);
  });
});
