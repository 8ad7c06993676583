import type { RecordedRequest, VerifySpec } from '../../core/compose/verification.ts';
import type { HttpReply } from '../../core/fabric/message.ts';
import { grpcCodecOf } from '../../core/grpc/known-codecs.ts';
import { AskingInbox } from './asking-inbox.ts';
import { grpcCarrier } from './carriers/grpc-client.ts';

/** Longest wait for the end of a call, as for an answer over HTTP. */
const SILENCE_MS = 60_000;

/** Sends a recorded call over gRPC to the service that it went to, as the client did; its status and messages in the form of a recording, or in words why there is none. */
export async function rpcReplyTo(
  spec: VerifySpec,
  { entry, request, rpc }: RecordedRequest & Required<Pick<RecordedRequest, 'rpc'>>,
  metadata: Record<string, string>,
): Promise<HttpReply | string> {
  const record = spec.nodes[entry];
  const grpc = record?.kind === 'service' ? record.config.grpc : undefined;
  const host = spec.entries[entry]?.host;
  const codec = grpc === undefined ? null : grpcCodecOf(grpc.proto);
  if (grpc === undefined || host === undefined || codec?.ok !== true) return `${entry} describes no gRPC`;
  const inbox = new AskingInbox();
  const carrier = grpcCarrier(
    inbox,
    () => `${host}:${grpc.port}`,
    (_, name) => codec.value.rpcs.get(name) ?? null,
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
