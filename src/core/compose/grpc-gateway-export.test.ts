import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Document } from '../topology/schema/types.ts';
import { RUNTIME_ENTRY } from './container-spec.ts';
import { exportCompose, type ExportOptions } from './export-compose.ts';
import { noteService, smallDocument } from './testing/small-document.ts';

const PROTO = `syntax = "proto3"; package notes; message Note { string id = 1; } service Notes { rpc Get(Note) returns (Note); }`;

/** The small document, whose gateway reaches the notes over gRPC, too. */
function withRpcs(replicas = 1): Document {
  const document = smallDocument();
  const service = noteService();
  const steps = [{ id: 'answer', do: 'respond' as const, status: 200, body: {} }];
  service.config.grpc = { port: 50_051, proto: PROTO, methods: [{ id: 'get-note', rpc: 'notes.Notes/Get', steps }] };
  document.nodes['notes'] = service;
  const [http] = Object.values(document.links).filter(({ from, to }) => from.node === 'gateway' && to.node === 'notes');
  const gateway = document.nodes['gateway'];
  if (http === undefined || gateway?.kind !== 'gateway') throw new Error('no gateway before the notes');
  document.links['rpc'] = { ...http, kind: 'grpc' };
  Object.assign(gateway.config, { grpc: { port: 50_052 }, replicas });
  gateway.config.routes.push({
    id: 'rpc',
    protocol: 'grpc',
    match: 'prefix',
    path: '/notes.Notes',
    action: { kind: 'forward', to: 'notes', stripPrefix: false },
  });
  return document;
}
const options = (gateway: 'runtime' | 'nginx'): ExportOptions => ({
  form: 'zip',
  runtime: { files: { [RUNTIME_ENTRY]: '' } },
  verify: null,
  secrets: { password: () => 'secret' },
  gateway,
});
function filesOf(document: Document): Map<string, string> {
  const made = exportCompose(document, options('runtime'));
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value.files;
}
const portsOf = (document: Document): unknown => {
  const compose = parse(filesOf(document).get('compose.yaml') ?? '') as { services: { gateway: { ports: string[] } } };
  return compose.services.gateway.ports;
};

test('GW18 an exported gateway takes gRPC on a port of its own, which the host can reach; the report says how', () => {
  expect(portsOf(withRpcs())).toEqual([
    '127.0.0.1:${GATEWAY_PORT:-8080}:8080',
    '127.0.0.1:${GATEWAY_GRPC_PORT:-50052}:50052',
  ]);
  expect(portsOf(withRpcs(2))).toEqual(['127.0.0.1:8080-8081:8080', '127.0.0.1:50052-50053:50052']);
  expect(filesOf(withRpcs()).get('EXPORT-REPORT.md')).toMatch(
    /\| gateway \| gRPC \| equivalent \| gRPC over cleartext HTTP\/2 on port 50052 beside HTTP/,
  );
});

test('GW18 nginx does not stand in the place of a gateway that takes gRPC', () => {
  const made = exportCompose(withRpcs(), options('nginx'));
  expect(made.ok ? [] : made.error).toMatchObject([{ code: 'EXPORT_NGINX_GRPC', at: 'nodes/gateway/config/grpc' }]);
});
