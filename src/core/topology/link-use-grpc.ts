import type { Json } from '../base/json.ts';
import { freeId } from './default-behaviour.ts';
import { defaultGrpc } from './default-grpc.ts';
import type { LinkUse } from './link-use.ts';
import type { Document, NodeOf } from './types.ts';
import { freeName, withStep } from './with-step.ts';

type Service = NodeOf<'service'>;

/** Names of the fields of the first message that an rpc takes, read from the text: enough for an example, `{}` when it is written otherwise. */
function exampleMessage(proto: string, rpc: string): Record<string, Json> {
  const method = rpc.split('/')[1] ?? '';
  const input = new RegExp(`\\brpc\\s+${method}\\s*\\(\\s*([A-Za-z0-9_]+)\\s*\\)`).exec(proto)?.[1];
  const body =
    input === undefined ? undefined : new RegExp(`\\bmessage\\s+${input}\\s*\\{([^{}]*)\\}`).exec(proto)?.[1];
  const texts = [...(body ?? '').matchAll(/(?:^|;)\s*string\s+([A-Za-z_][A-Za-z0-9_]*)\s*=/g)];
  return Object.fromEntries(texts.map(([, name = '']): [string, Json] => [name, '1']));
}

/** A gRPC link calls the first method of the target; a target that describes none gets the example of its preset. */
export function callRpc(document: Document, from: string, caller: Service, to: string, callee: Service): LinkUse {
  const known = callee.config.grpc;
  const grpc = known !== undefined && known.methods.length > 0 ? known : defaultGrpc(document, to, callee);
  const [method] = grpc.methods;
  const { service, step } = withStep(caller, (ids) => ({
    id: freeId(`call-${callee.name}`, ids),
    do: 'call',
    to,
    endpoint: method?.id ?? '',
    input: { body: method === undefined ? {} : exampleMessage(grpc.proto, method.rpc) },
    timeoutMs: 1_000,
    as: freeName(caller, callee.name),
  }));
  const described = { ...callee, config: { ...callee.config, grpc } };
  const nodes = grpc === known ? { [from]: service } : { [from]: service, [to]: described };
  return { nodes, added: { node: from, kind: 'step', id: step.id } };
}
