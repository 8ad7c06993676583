import type { Peer } from '../../fabric/protocol.ts';
import type { RpcCodec } from '../../grpc/codec.ts';
import { grpcCodecOf } from '../../grpc/known-codecs.ts';

/** What the service that is called, or a service behind the gateway that is called, says about an rpc; null when none does. */
export function rpcBehind({ record, protos = [] }: Pick<Peer, 'record' | 'protos'>, rpc: string): RpcCodec | null {
  const own = record.kind === 'service' ? record.config.grpc?.proto : undefined;
  for (const proto of own === undefined ? protos : [own]) {
    const codec = grpcCodecOf(proto);
    const found = codec.ok ? codec.value.rpcs.get(rpc) : undefined;
    if (found !== undefined) return found;
  }
  return null;
}
