import type { Result } from '../base/result.ts';
import { createGrpcCodec, type GrpcCodec } from './codec.ts';
import type { ProtoProblem } from './proto-file.ts';

/** Texts that one instance knows: its own and those of the services that it calls. */
const MAX_TEXTS = 64;
const known = new Map<string, Result<GrpcCodec, ProtoProblem[]>>();

/** The codecs of a proto text, made once. A text that cannot be read gives its problems. */
export function grpcCodecOf(proto: string): Result<GrpcCodec, ProtoProblem[]> {
  let codec = known.get(proto);
  if (codec === undefined) {
    if (known.size >= MAX_TEXTS) known.clear();
    known.set(proto, (codec = createGrpcCodec(proto)));
  }
  return codec;
}
