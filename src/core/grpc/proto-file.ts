/** Place in a proto text, from 1. */
export interface Place {
  line: number;
  column: number;
}
export interface ProtoField extends Place {
  name: string;
  number: number;
  /** As written: a scalar, or a name to be resolved; for a map the type of its values. */
  type: string;
  label: 'none' | 'optional' | 'repeated';
  /** Type of the keys of a `map<K, V>`. */
  mapKey: string | null;
  /** Index of the oneof that it belongs to. */
  oneof: number | null;
  packed: boolean | null;
  jsonName: string | null;
}
export interface ProtoEnum extends Place {
  name: string;
  values: ({ name: string; number: number } & Place)[];
  allowAlias: boolean;
}
export interface ProtoMessage extends Place {
  name: string;
  fields: ProtoField[];
  oneofs: ({ name: string } & Place)[];
  messages: ProtoMessage[];
  enums: ProtoEnum[];
  /** Numbers from, to (inclusive), and names that fields may not use. */
  reserved: { ranges: [number, number][]; names: string[] };
}
export interface ProtoMethod extends Place {
  name: string;
  input: string;
  output: string;
  clientStreaming: boolean;
  serverStreaming: boolean;
}
export interface ProtoService extends Place {
  name: string;
  methods: ProtoMethod[];
}
/** What a proto3 text says, names as written. */
export interface ProtoFile {
  package: string;
  imports: ({ path: string } & Place)[];
  messages: ProtoMessage[];
  enums: ProtoEnum[];
  services: ProtoService[];
}
/** Why a proto text is wrong, and where. */
export interface ProtoProblem extends Place {
  message: string;
}

export const SCALARS: ReadonlySet<string> = new Set([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
]);

/** Files that may be imported, with the types that they bring. */
export const WELL_KNOWN: Readonly<Record<string, readonly string[]>> = {
  'google/protobuf/timestamp.proto': ['Timestamp'],
  'google/protobuf/empty.proto': ['Empty'],
  'google/protobuf/wrappers.proto': [
    'DoubleValue',
    'FloatValue',
    'Int64Value',
    'UInt64Value',
    'Int32Value',
    'UInt32Value',
    'BoolValue',
    'StringValue',
    'BytesValue',
  ],
};
