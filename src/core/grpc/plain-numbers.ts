import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { isObject, type Json } from '../base/json.ts';

const LONG: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);
const LONG_WRAPPERS: ReadonlySet<string> = new Set(['google.protobuf.Int64Value', 'google.protobuf.UInt64Value']);

function longOf(text: Json, where: string): Json {
  if (text === null) return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new Error(`${where} is ${JSON.stringify(text)}: numbers beyond 2^53 cannot be kept exactly here`);
  return value;
}

/** proto3 JSON writes 64-bit integers as texts; here they are numbers like all others, and what a double cannot hold throws. */
export function plainNumbers(desc: DescMessage, json: Json): Json {
  if (LONG_WRAPPERS.has(desc.typeName)) return longOf(json, desc.typeName);
  if (!isObject(json)) return json;
  const out: Record<string, Json> = { ...json };
  for (const field of desc.fields) {
    const value = json[field.name];
    if (value !== undefined) out[field.name] = fieldValue(desc, field, value);
  }
  return out;
}

function fieldValue(desc: DescMessage, field: DescField, value: Json): Json {
  const where = `${desc.name}.${field.name}`;
  const one = (scalar: ScalarType | undefined, message: DescMessage | undefined, item: Json): Json => {
    if (scalar !== undefined && LONG.has(scalar)) return longOf(item, where);
    return message === undefined ? item : plainNumbers(message, item);
  };
  switch (field.fieldKind) {
    case 'scalar':
    case 'message':
      return one(field.scalar, field.message, value);
    case 'list':
      return Array.isArray(value) ? value.map((item) => one(field.scalar, field.message, item)) : value;
    case 'map': {
      if (!isObject(value)) return value;
      return Object.fromEntries(
        Object.keys(value).map((key) => [key, one(field.scalar, field.message, value[key] as Json)]),
      );
    }
    default:
      return value;
  }
}
