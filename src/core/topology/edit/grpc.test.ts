import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { connect } from './connect.ts';
import { addNode, removeRecords } from './edit.ts';
import type { Document } from '../schema/types.ts';
import { parseDocument, validateDocument } from '../check/validate.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- these tests break documents in ways that their type forbids
type Loose = any;

const hello = (): Document => {
  const parsed = parseDocument(
    readFileSync(new URL('../../../../public/examples/hello.json', import.meta.url), 'utf8'),
  );
  if (!parsed.ok) throw new Error('the example is broken');
  return parsed.value;
};
let ids = 0;
const newId = (): string => `new-${(ids += 1)}`;

/** hello, with a placed preset that hello calls over gRPC. */
function drawn(preset: string): { document: Document; id: string } {
  const placed = addNode(hello(), preset, { x: 0, y: 0 }, newId);
  if (placed === null) throw new Error(`no preset ${preset}`);
  const connected = connect(placed.document, 'hello', placed.id, newId, 'grpc');
  if (!connected.ok) throw new Error(connected.error.map((problem) => problem.message).join('; '));
  return { document: connected.value.document, id: placed.id };
}
const codes = (document: Document): string[] => validateDocument(document).map((problem) => problem.code);

describe('a gRPC link makes traffic', () => {
  test('the user service gets the proto of the chapter; the caller a step', () => {
    const { document, id } = drawn('user');
    expect(validateDocument(document)).toEqual([]);
    const user = document.nodes[id];
    const grpc = user?.kind === 'service' ? user.config.grpc : undefined;
    expect(grpc).toMatchObject({ port: 50051, methods: [{ id: 'get-user', rpc: 'user.UserService/GetUser' }] });
    expect(grpc?.proto).toMatch(/rpc GetUser\(UserRequest\) returns \(UserResponse\);/);
    const steps = JSON.stringify(document.nodes['hello']);
    expect(steps).toContain(`"endpoint":"get-user","input":{"body":{"user_id":"1"}}`);
  });
  test.each(['blank', 'product', 'auth', 'order'])('so does %s, with a proto of its own', (preset) => {
    expect(codes(drawn(preset).document)).toEqual([]);
  });
  test('a service that owns a fitting table answers from it', () => {
    const placed = addNode(hello(), 'product', { x: 0, y: 0 }, newId);
    const store = placed && addNode(placed.document, 'database-table', { x: 0, y: 0 }, newId);
    if (!placed || !store) throw new Error('no presets');
    const owned = connect(store.document, placed.id, store.id, newId);
    const called = owned.ok ? connect(owned.value.document, 'hello', placed.id, newId, 'grpc') : owned;
    if (!called.ok) throw new Error(called.error[0]?.message);
    expect(codes(called.value.document)).toEqual([]);
    expect(JSON.stringify(called.value.document.nodes[placed.id])).toContain('"orFail":"not_found"');
  });
  test('a gRPC link of a client adds a request for a method to its mix; without the link it goes', () => {
    const { document, id } = drawn('user');
    const called = connect(document, 'web', id, newId, 'grpc');
    if (!called.ok) throw new Error(called.error[0]?.message);
    const { document: next, link } = called.value;
    expect(codes(next)).toEqual([]);
    const web = next.nodes['web'];
    const request = web?.kind === 'client' ? web.config.requests.at(-1) : undefined;
    expect(request).toMatchObject({ protocol: 'grpc', method: 'POST', to: id, body: expect.any(Object) as object });
    expect(request?.path).toMatch(/^\/[a-z.]+\.[A-Za-z]+\/[A-Za-z]+$/);
    const removed = removeRecords(next, [link]).document;
    expect(JSON.stringify(removed.nodes['web'])).not.toContain('"grpc"');
    expect(codes(removed)).toEqual([]);
  });
  test('a request over gRPC is a POST of an rpc of its service, over a link of that kind', () => {
    const { document, id } = drawn('user');
    const called = connect(document, 'web', id, newId, 'grpc');
    if (!called.ok) throw new Error(called.error[0]?.message);
    const wrong = (more: object): string[] => {
      const next = structuredClone(called.value.document);
      const web = next.nodes['web'];
      if (web?.kind === 'client') Object.assign(web.config.requests.at(-1) ?? {}, more);
      return codes(next);
    };
    expect(wrong({ path: '/user.UserService/Nothing' })).toEqual(['RPC_UNKNOWN']);
    expect(wrong({ method: 'GET' })).toEqual(['GRPC_NOT_POST']);
    expect(wrong({ to: 'gateway' })).toEqual(['REQUEST_NOT_LINKED']);
    expect(wrong({ protocol: undefined })).toEqual(['REQUEST_NOT_LINKED']);
  });
  test('a removed link takes the call with it', () => {
    const { document } = drawn('user');
    const link = Object.keys(document.links).find((key) => document.links[key]?.kind === 'grpc') ?? '';
    const removed = removeRecords(document, [link]);
    expect(codes(removed.document)).toEqual([]);
    expect(JSON.stringify(removed.document.nodes['hello'])).not.toContain('get-user');
  });
});

describe('checks', () => {
  test.each<[string, (grpc: Loose, document: Loose) => void, string]>([
    ['a proto that cannot be read', (grpc) => (grpc.proto = 'syntax = "proto3"; message'), 'PROTO_INVALID'],
    ['an rpc that the proto lacks', (grpc) => (grpc.methods[0].rpc = 'user.UserService/Nope'), 'RPC_UNKNOWN'],
    ['an rpc twice', (grpc) => grpc.methods.push({ ...grpc.methods[0], id: 'again' }), 'RPC_DUPLICATE'],
    ['the id of an endpoint', (grpc) => (grpc.methods[0].id = 'about'), 'HANDLER_DUPLICATE'],
    [
      'a stream of requests',
      (grpc) => (grpc.proto = grpc.proto.replace('(UserRequest)', '(stream UserRequest)')),
      'NOT_YET_SUPPORTED',
    ],
    [
      'an answer in a stream',
      (grpc) => (grpc.proto = grpc.proto.replace('(UserResponse)', '(stream UserResponse)')),
      'RESPOND_IN_STREAM',
    ],
    [
      'a message more',
      (grpc) => grpc.methods[0].steps.unshift({ id: 'more', do: 'send', body: {} }),
      'SEND_NOT_STREAMING',
    ],
    ['a status of HTTP', (grpc) => (grpc.methods[0].steps[0].status = 201), 'GRPC_STATUS'],
    ['no answer', (grpc) => (grpc.methods[0].steps = []), 'RPC_UNANSWERED'],
    [
      'the port of HTTP',
      (grpc, document) => (document.nodes.hello.config.grpc = { ...grpc, port: document.nodes.hello.config.port }),
      'PORT_DUPLICATE',
    ],
  ])('%s is refused', (_, change, code) => {
    const { document, id } = drawn('user');
    const broken = JSON.parse(JSON.stringify(document)) as Loose;
    change(broken.nodes[id].config.grpc, broken);
    expect(codes(broken)).toContain(code);
  });
  test('GW8 the policy of a gRPC call is checked as that of an HTTP call', () => {
    const { document } = drawn('user');
    const broken = JSON.parse(JSON.stringify(document)) as Loose;
    const [first] = broken.nodes.hello.config.endpoints.flatMap((endpoint: Loose) =>
      endpoint.steps.filter((step: Loose) => step.do === 'call'),
    );
    const backoff = { initialIntervalMs: 1, backoffCoefficient: 1, maxIntervalMs: 1, jitter: 'none' };
    const retries = { maxAttempts: 2, on: ['connection'], perTryTimeoutMs: first.timeoutMs, backoff };
    first.policy = { retries };
    expect(codes(broken)).toEqual(['RETRY_TIMEOUT_TOO_LONG']);
  });
  test('a link to a service without a proto, a call without a link, a call with a query', () => {
    const { document, id } = drawn('user');
    const without = JSON.parse(JSON.stringify(document)) as Loose;
    delete without.nodes[id].config.grpc;
    expect(codes(without)).toContain('GRPC_NOT_SERVED');
    const unlinked = JSON.parse(JSON.stringify(document)) as Loose;
    for (const key of Object.keys(unlinked.links)) if (unlinked.links[key].kind === 'grpc') delete unlinked.links[key];
    expect(codes(unlinked)).toContain('CALL_NOT_LINKED');
    const asked = JSON.parse(
      JSON.stringify(document).replace('"input":{"body"', '"input":{"query":{"a":"b"},"body"'),
    ) as Loose;
    expect(codes(asked)).toContain('GRPC_INPUT');
  });
});
