import type { Json } from '../../base/json.ts';
import { freeId } from '../wiring/default-behaviour.ts';
import { defaultGrpc } from '../wiring/default-grpc.ts';
import type { LinkUse } from './link-use.ts';
import type { ClientRequest, Document, GrpcService, NodeOf } from '../schema/types.ts';
import { freeName, withStep } from './with-step.ts';

type Service = NodeOf<'service'>;

/** Names of the fields of the first message that an rpc takes, read from the text: enough for an example, `{}` when it is written otherwise. */
export function exampleMessage(proto: string, rpc: string): Record<string, Json> {
  const method = rpc.split('/')[1] ?? '';
  const input = new RegExp(`\\brpc\\s+${method}\\s*\\(\\s*([A-Za-z0-9_]+)\\s*\\)`).exec(proto)?.[1];
  const body =
    input === undefined ? undefined : new RegExp(`\\bmessage\\s+${input}\\s*\\{([^{}]*)\\}`).exec(proto)?.[1];
  const texts = [...(body ?? '').matchAll(/(?:^|;)\s*string\s+([A-Za-z_][A-Za-z0-9_]*)\s*=/g)];
  return Object.fromEntries(texts.map(([, name = '']): [string, Json] => [name, '1']));
}

/** What the target describes; a target that describes nothing gets the example of its preset. */
export function describedBy(document: Document, to: string, callee: Service): GrpcService {
  const known = callee.config.grpc;
  return known !== undefined && known.methods.length > 0 ? known : defaultGrpc(document, to, callee);
}

/** The caller with a call in its first handler. */
export const withCall = (
  caller: Service,
  { to, name, endpoint, message }: { to: string; name: string; endpoint: string; message: Record<string, Json> },
): ReturnType<typeof withStep> =>
  withStep(caller, (ids) => ({
    id: freeId(`call-${name}`, ids),
    do: 'call',
    to,
    endpoint,
    input: { body: message },
    timeoutMs: 1_000,
    as: freeName(caller, name),
  }));

/** The client with one more request of its mix, over gRPC. */
export function withRpc(
  client: NodeOf<'client'>,
  { to, name, rpc, message }: { to: string; name: string; rpc: string; message: Record<string, Json> },
): { client: NodeOf<'client'>; id: string } {
  const { requests } = client.config;
  const id = freeId(`rpc-${name}`, new Set(requests.map((known) => known.id)));
  const added: ClientRequest = {
    id,
    name: rpc.split('/')[1] ?? rpc,
    weight: 1,
    protocol: 'grpc',
    method: 'POST',
    path: `/${rpc}`,
    body: message,
    to,
  };
  return { client: { ...client, config: { ...client.config, requests: [...requests, added] } }, id };
}

/** A gRPC link of a client adds a request for the first method of the target to its mix. */
export function requestRpc(
  document: Document,
  from: string,
  client: NodeOf<'client'>,
  to: string,
  callee: Service,
): LinkUse {
  const grpc = describedBy(document, to, callee);
  const { rpc } = grpc.methods[0] ?? { rpc: '' };
  const asking = withRpc(client, { to, name: callee.name, rpc, message: exampleMessage(grpc.proto, rpc) });
  return {
    nodes: {
      [from]: asking.client,
      ...(grpc === callee.config.grpc ? {} : { [to]: { ...callee, config: { ...callee.config, grpc } } }),
    },
    added: { node: from, kind: 'request', id: asking.id },
  };
}

/** A gRPC link calls the first method of the target; a target that describes none gets the example of its preset. */
export function callRpc(document: Document, from: string, caller: Service, to: string, callee: Service): LinkUse {
  const known = callee.config.grpc;
  const grpc = describedBy(document, to, callee);
  const [method] = grpc.methods;
  const message = method === undefined ? {} : exampleMessage(grpc.proto, method.rpc);
  const { service, step } = withCall(caller, { to, name: callee.name, endpoint: method?.id ?? '', message });
  const described = { ...callee, config: { ...callee.config, grpc } };
  const nodes = grpc === known ? { [from]: service } : { [from]: service, [to]: described };
  return { nodes, added: { node: from, kind: 'step', id: step.id } };
}
