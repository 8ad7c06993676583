import { sortedKeys } from '../../core/base/canonical.ts';
import type { RecordedRequest, VerifySpec } from '../../core/compose/verification.ts';
import type { HttpReply } from '../../core/fabric/message.ts';
import type { RpcCodec } from '../../core/grpc/codec.ts';
import { grpcCodecOf } from '../../core/grpc/known-codecs.ts';
import type { AnyExecutableNode } from '../../core/topology/schema/types.ts';
import { AskingInbox } from './asking-inbox.ts';
import { grpcCarrier } from './carriers/grpc-client.ts';

/** Longest wait for the end of a call, as for an answer over HTTP. */
const SILENCE_MS = 60_000;

/** Sends a recorded call over gRPC to the service or gateway that it went to, as the client did; its status and messages in the form of a recording, or in words why there is none. */
export async function rpcReplyTo(
  spec: VerifySpec,
  { entry, request, rpc }: RecordedRequest & Required<Pick<RecordedRequest, 'rpc'>>,
  metadata: Record<string, string>,
): Promise<HttpReply | string> {
  const port = grpcPortOf(spec.nodes[entry]);
  const host = spec.entries[entry]?.host;
  const codec = codecOf(spec, request.path.slice(1));
  if (port === undefined || host === undefined || codec === null) return `${entry} takes no ${request.path}`;
  const inbox = new AskingInbox();
  const carrier = grpcCarrier(
    inbox,
    () => `${host}:${port}`,
    () => codec,
  );
  const { path, body } = request;
  // Besides, a connection of the carrier alone does not keep the process alive.
  const late = setTimeout(() => inbox.down('', 'no answer'), SILENCE_MS);
  const end = await inbox.call(carrier, { path, metadata, ...rpc, json: body ?? 'null' });
  clearTimeout(late);
  await carrier.close();
  if (typeof end === 'string') return `no reply: ${end}`;
  return { status: end.status, headers: {}, body: `[${end.messages.map(({ json }) => json).join(',')}]` };
}

/** Where a service or a gateway takes calls over gRPC. */
const grpcPortOf = (record: AnyExecutableNode | undefined): number | undefined =>
  record?.kind === 'service' || record?.kind === 'gateway' ? record.config.grpc?.port : undefined;

/** What the service that describes an rpc says about it: behind a gateway it is another node than the one that is called. */
function codecOf({ nodes }: VerifySpec, rpc: string): RpcCodec | null {
  for (const id of sortedKeys(nodes)) {
    const record = nodes[id];
    const proto = record?.kind === 'service' ? record.config.grpc?.proto : undefined;
    const codec = proto === undefined ? null : grpcCodecOf(proto);
    const found = codec?.ok === true ? codec.value.rpcs.get(rpc) : undefined;
    if (found !== undefined) return found;
  }
  return null;
}
