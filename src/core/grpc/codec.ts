import { fromBinary, fromJson, toBinary, toJson, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import { base64Decode, base64Encode } from '@bufbuild/protobuf/wire';
import { canonicalize } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { createRegistry } from './descriptors.ts';
import { parseProto } from './parse-proto.ts';
import type { ProtoProblem } from './proto-file.ts';
import { plainNumbers } from './plain-numbers.ts';

/** One message: its wire bytes (base64) and the same as JSON, with the names of the proto, defaults filled in. */
export interface EncodedMessage {
  bytes: string;
  value: Json;
}
/** Turns values into bytes and back. Errors are sentences: what does not fit, and why. */
export interface MessageCodec {
  /** Full name, such as `user.UserRequest`. */
  name: string;
  /** Field names as in the proto or in camel case; 64-bit numbers beyond 2^53 are refused, because numbers here are doubles. */
  encode(value: Json): Result<EncodedMessage, string>;
  decode(bytes: string): Result<Json, string>;
  /** Reads and writes again: what another version of the proto added is still there (RP3). */
  passOn(bytes: string): Result<string, string>;
}
/** One rpc of a service, with the codecs of its two messages. */
export interface RpcCodec {
  /** `/user.UserService/GetUser`, as HTTP/2 carries it. */
  path: string;
  serverStreaming: boolean;
  clientStreaming: boolean;
  input: MessageCodec;
  output: MessageCodec;
}
/** Everything that one proto text describes; rpcs by `package.Service/Method`. */
export interface GrpcCodec {
  rpcs: ReadonlyMap<string, RpcCodec>;
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function messageCodec(desc: DescMessage): MessageCodec {
  const valueOf = (bytes: Uint8Array): Json =>
    plainNumbers(
      desc,
      toJson(desc, fromBinary(desc, bytes), { alwaysEmitImplicit: true, useProtoFieldName: true }) as Json,
    );
  const attempt = <T>(work: () => T): Result<T, string> => {
    try {
      return ok(work());
    } catch (error) {
      return err(reason(error));
    }
  };
  return {
    name: desc.typeName,
    encode: (value) =>
      attempt(() => {
        // Sorted, so that the order of a map's entries is the same on every host.
        const sorted = JSON.parse(canonicalize(value)) as JsonValue;
        const bytes = toBinary(desc, fromJson(desc, sorted));
        // The value that the other side will read: a float has lost its digits, a default is filled in.
        return { bytes: base64Encode(bytes), value: valueOf(bytes) };
      }),
    decode: (bytes) => attempt(() => valueOf(base64Decode(bytes))),
    passOn: (bytes) => attempt(() => base64Encode(toBinary(desc, fromBinary(desc, base64Decode(bytes))))),
  };
}

/** Codecs of a proto3 text, made without generating code: they work under a policy that forbids eval. */
export function createGrpcCodec(proto: string): Result<GrpcCodec, ProtoProblem[]> {
  const file = parseProto(proto);
  if (!file.ok) return file;
  const registry = createRegistry(file.value);
  const rpcs = new Map<string, RpcCodec>();
  for (const { name } of file.value.services) {
    const service = registry.getService(file.value.package === '' ? name : `${file.value.package}.${name}`);
    for (const method of service?.methods ?? []) {
      const rpc = `${service?.typeName}/${method.name}`;
      rpcs.set(rpc, {
        path: `/${rpc}`,
        serverStreaming: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
        clientStreaming: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
        input: messageCodec(method.input),
        output: messageCodec(method.output),
      });
    }
  }
  return ok({ rpcs });
}
