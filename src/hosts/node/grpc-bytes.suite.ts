import type { Json } from '../../core/base/json.ts';
import type { MessageCodec } from '../../core/grpc/codec.ts';

/** A message as @grpc/grpc-js sends it; throws if the codec refuses it. */
export const write = (codec: MessageCodec, value: Json): Buffer => {
  const encoded = codec.encode(value);
  if (!encoded.ok) throw new Error(encoded.error);
  return Buffer.from(encoded.value.bytes, 'base64');
};
/** What @grpc/grpc-js received, as JSON; throws if the codec cannot read it. */
export const read = (codec: MessageCodec, bytes: Buffer): Json => {
  const decoded = codec.decode(bytes.toString('base64'));
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
};
