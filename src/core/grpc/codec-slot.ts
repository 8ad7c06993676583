import { assert, type Result } from '../base/result.ts';
import type { AnyExecutableNode } from '../topology/types.ts';
import type { GrpcCodec } from './codec.ts';
import type { ProtoProblem } from './proto-file.ts';

type CreateCodec = (proto: string) => Result<GrpcCodec, ProtoProblem[]>;
/** Texts that one instance knows: its own and those of the services that it calls. */
const MAX_TEXTS = 64;

let create: CreateCodec | null = null;
const known = new Map<string, Result<GrpcCodec, ProtoProblem[]>>();

/** Gives the codecs to every actor of this thread: hosts that hold all code call it once at their start. */
export function useGrpcCodec(createCodec: CreateCodec): void {
  create = createCodec;
}

/** Loads the codecs beside the first start of an instance that needs them: a worker without gRPC never pays for them. */
export async function loadGrpcCodec(): Promise<void> {
  create ??= (await import('./codec.ts')).createGrpcCodec;
}

/** True when an instance with this record and these neighbours speaks gRPC. */
export const needsGrpc = (record: AnyExecutableNode, peers: readonly { kind: string }[]): boolean =>
  (record.kind === 'service' && record.config.grpc !== undefined) || peers.some((peer) => peer.kind === 'grpc');

/** The codecs of a proto text, made once. A text that cannot be read gives its problems. */
export function grpcCodecOf(proto: string): Result<GrpcCodec, ProtoProblem[]> {
  assert(create !== null, 'the codecs are there before an instance that speaks gRPC starts');
  let codec = known.get(proto);
  if (codec === undefined) {
    if (known.size >= MAX_TEXTS) known.clear();
    known.set(proto, (codec = create(proto)));
  }
  return codec;
}
