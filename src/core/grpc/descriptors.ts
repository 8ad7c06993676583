import { create, createFileRegistry, type FileRegistry } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_empty,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  type DescriptorProto,
  type FieldDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { resolveType, typeNames, type TypeNames } from './check-proto.ts';
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage } from './proto-file.ts';

type Fields = MessageInitShape<typeof FieldDescriptorProtoSchema>;
type DescriptorInit = Omit<Partial<DescriptorProto>, '$typeName' | '$unknown'>;

const SCALAR_TYPES: Readonly<Record<string, Type>> = {
  double: Type.DOUBLE,
  float: Type.FLOAT,
  int64: Type.INT64,
  uint64: Type.UINT64,
  int32: Type.INT32,
  fixed64: Type.FIXED64,
  fixed32: Type.FIXED32,
  bool: Type.BOOL,
  string: Type.STRING,
  bytes: Type.BYTES,
  uint32: Type.UINT32,
  sfixed32: Type.SFIXED32,
  sfixed64: Type.SFIXED64,
  sint32: Type.SINT32,
  sint64: Type.SINT64,
};

const IMPORTS: Readonly<Record<string, typeof file_google_protobuf_empty>> = {
  'google/protobuf/timestamp.proto': file_google_protobuf_timestamp,
  'google/protobuf/empty.proto': file_google_protobuf_empty,
  'google/protobuf/wrappers.proto': file_google_protobuf_wrappers,
};

/** JSON name as protoc makes it: `user_id` becomes `userId`. */
const camel = (name: string): string => name.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
/** `favourite_colours` -> `FavouriteColoursEntry`, the hidden message of a map. */
const entryName = (field: string): string => {
  const name = camel(`_${field}`);
  return `${name}Entry`;
};

/** The descriptors of a text that `parseProto` accepted: what the codec of every message is made from. */
export function createRegistry(file: ProtoFile): FileRegistry {
  const names = typeNames(file);
  const proto = create(FileDescriptorProtoSchema, {
    name: 'service.proto',
    package: file.package,
    syntax: 'proto3',
    dependency: file.imports.map((one) => one.path),
    messageType: file.messages.map((one) => messageOf(names, file.package, one)) as DescriptorProto[],
    enumType: file.enums.map(enumOf),
    service: file.services.map((service) => ({
      name: service.name,
      method: service.methods.map((method) => ({
        name: method.name,
        inputType: `.${resolveType(names, file.package, method.input)?.name}`,
        outputType: `.${resolveType(names, file.package, method.output)?.name}`,
        clientStreaming: method.clientStreaming,
        serverStreaming: method.serverStreaming,
      })),
    })),
  });
  return createFileRegistry(proto, (path) => IMPORTS[path]);
}

const enumOf = (one: ProtoEnum) => ({
  name: one.name,
  value: one.values.map(({ name, number }) => ({ name, number })),
  ...(one.allowAlias ? { options: { allowAlias: true } } : {}),
});

/** Type, and for messages and enums its full name. */
function typeOf(names: TypeNames, scope: string, type: string): Pick<FieldDescriptorProto, 'type' | 'typeName'> {
  const scalar = SCALAR_TYPES[type];
  if (scalar !== undefined) return { type: scalar, typeName: '' };
  const found = resolveType(names, scope, type);
  return { type: found?.kind === 'enum' ? Type.ENUM : Type.MESSAGE, typeName: `.${found?.name}` };
}

/** proto3 `optional` is a oneof of its own; they stand after the written ones. */
function fieldOf(names: TypeNames, full: string, field: ProtoField, synthetic: number): Fields {
  const common = { name: field.name, number: field.number, jsonName: field.jsonName ?? camel(field.name) };
  if (field.mapKey !== null)
    return { ...common, label: Label.REPEATED, type: Type.MESSAGE, typeName: `.${full}.${entryName(field.name)}` };
  const repeated = field.label === 'repeated';
  const { type, typeName } = typeOf(names, full, field.type);
  return {
    ...common,
    label: repeated ? Label.REPEATED : Label.OPTIONAL,
    type,
    ...(typeName === '' ? {} : { typeName }),
    ...(field.oneof === null ? {} : { oneofIndex: field.oneof }),
    ...(field.label === 'optional' ? { oneofIndex: synthetic, proto3Optional: true } : {}),
    ...(field.packed === null ? {} : { options: { packed: field.packed } }),
  };
}

function messageOf(names: TypeNames, scope: string, one: ProtoMessage): DescriptorInit {
  const full = scope === '' ? one.name : `${scope}.${one.name}`;
  const optional = one.fields.filter((field) => field.label === 'optional');
  const entries = one.fields.flatMap((field) =>
    field.mapKey === null
      ? []
      : [
          {
            name: entryName(field.name),
            field: [
              { name: 'key', number: 1, jsonName: 'key', label: Label.OPTIONAL, ...typeOf(names, full, field.mapKey) },
              {
                name: 'value',
                number: 2,
                jsonName: 'value',
                label: Label.OPTIONAL,
                ...typeOf(names, full, field.type),
              },
            ].map(({ typeName, ...rest }) => (typeName === '' ? rest : { ...rest, typeName })),
            options: { mapEntry: true },
          },
        ],
  );
  return {
    name: one.name,
    field: one.fields.map((field) =>
      fieldOf(names, full, field, one.oneofs.length + optional.indexOf(field)),
    ) as FieldDescriptorProto[],
    oneofDecl: [
      ...one.oneofs.map(({ name }) => ({ name })),
      ...optional.map(({ name }) => ({ name: `_${name}` })),
    ] as DescriptorProto['oneofDecl'],
    nestedType: [...one.messages.map((inner) => messageOf(names, full, inner)), ...entries] as DescriptorProto[],
    enumType: one.enums.map(enumOf) as DescriptorProto['enumType'],
  };
}
