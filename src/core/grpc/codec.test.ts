import { parse } from 'protobufjs';
import { afterAll, describe, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { createGrpcCodec, type MessageCodec } from './codec.ts';

const EVERYTHING = `syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/empty.proto";
/* Everything that proto3 has. */
enum Colour { COLOUR_NONE = 0; RED = 1; DEEP_BLUE = -2; }
message Everything {
  reserved 90, 95 to 99;
  reserved "gone";
  message Part { string name = 1; repeated Part parts = 2; }
  double a_double = 1; float a_float = 2; int32 an_int32 = 3; int64 an_int64 = 4;
  uint32 a_uint32 = 5; uint64 a_uint64 = 6; sint32 a_sint32 = 7; sint64 a_sint64 = 8;
  fixed32 a_fixed32 = 9; fixed64 a_fixed64 = 10; sfixed32 a_sfixed32 = 11; sfixed64 a_sfixed64 = 12;
  bool a_bool = 13; string a_string = 14; bytes some_bytes = 15; Colour colour = 16; Part part = 17;
  repeated int32 packed_numbers = 18; repeated sint64 loose_numbers = 19 [packed = false];
  repeated string words = 20; map<string, int32> counts = 21; map<int32, Part> part_by_number = 22;
  oneof choice { string name = 23; Part other_part = 24; int32 number = 25; }
  optional int32 maybe = 26;
  repeated Colour colours = 27;
  map<bool, Colour> by_flag = 28;
}
message Times { google.protobuf.Timestamp at = 1; google.protobuf.Int64Value long = 2; google.protobuf.StringValue text = 3; }
service Shop {
  rpc Both(Everything) returns (Everything);
  rpc Now(google.protobuf.Empty) returns (Times);
  rpc Watch(Everything) returns (stream Everything) { option deprecated = true; }
}`;
/** The well-known types are the library's own there too; the golden messages do not use them. */
const GOLDEN_PROTO = EVERYTHING.replace(/import[^\n]*\n/g, '')
  .replace(/message Times[^\n]*\n/, '')
  .replace(/ {2}rpc Now[^\n]*\n/, '');

function rpcOf(proto: string, rpc: string): { input: MessageCodec; output: MessageCodec; serverStreaming: boolean } {
  const codec = createGrpcCodec(proto);
  if (!codec.ok) throw new Error(codec.error.map((problem) => problem.message).join('; '));
  const found = codec.value.rpcs.get(rpc);
  if (!found) throw new Error(`no ${rpc} in ${[...codec.value.rpcs.keys()].join(', ')}`);
  return found;
}
const everything = rpcOf(EVERYTHING, 'shop.v1.Shop/Both').input;
const golden = parse(GOLDEN_PROTO, { keepCase: true }).root.lookupType('shop.v1.Everything');
const goldenBytes = (value: { [key: string]: Json }): string =>
  Buffer.from(golden.encode(golden.fromObject(value)).finish()).toString('base64');
const valueOf = (codec: MessageCodec, bytes: string): Json => {
  const decoded = codec.decode(bytes);
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
};
const bytesOf = (codec: MessageCodec, value: Json): string => {
  const encoded = codec.encode(value);
  if (!encoded.ok) throw new Error(encoded.error);
  return encoded.value.bytes;
};

const MESSAGES: { [name: string]: { [key: string]: Json } } = {
  'defaults are omitted': { a_double: 0, an_int32: 0, a_string: '', a_bool: false, words: [], counts: {}, colour: 0 },
  'negative numbers': { an_int32: -1, an_int64: -2, a_sint32: -3, a_sint64: -4, a_sfixed32: -5, a_sfixed64: -6 },
  'large numbers': {
    an_int64: 9007199254740991,
    a_uint64: 9007199254740991,
    a_uint32: 4294967295,
    a_fixed32: 4294967295,
    a_fixed64: 4503599627370497,
    a_sint64: -9007199254740991,
    a_double: 1.5e-300,
    a_float: 0.5,
  },
  texts: { a_string: 'Привіт, «світе» 🦆', words: ['', 'a', 'їжак'], a_bool: true },
  'bytes and enums': { some_bytes: 'AAEC/w==', colour: 'DEEP_BLUE', colours: ['RED', 'COLOUR_NONE', 'RED'] },
  'packed and not packed': { packed_numbers: [3, 270, 86942, -1], loose_numbers: [1, -1, 300] },
  maps: { counts: { a: 1, b: 0, ї: -7 }, part_by_number: { 1: { name: 'x' }, 20: {} }, by_flag: { true: 'RED' } },
  'nested messages': { part: { name: 'p', parts: [{ name: 'q', parts: [{ name: 'r' }] }, {}] } },
  'a member of a oneof at its default': { number: 0 },
  'a message in a oneof': { other_part: { name: 'o' } },
  'an optional field at its default': { maybe: 0 },
};

describe('RP3: bytes equal those of protobufjs', () => {
  let equal = 0;
  afterAll(() => console.log(`RP3: bytes of ${equal} golden messages equal to those of protobufjs`));
  for (const [name, message] of Object.entries(MESSAGES)) {
    test(name, () => {
      const bytes = bytesOf(everything, message);
      expect(bytes).toBe(goldenBytes(message));
      expect(valueOf(everything, bytes)).toMatchObject(
        Object.fromEntries(Object.entries(message).filter(([key]) => key !== 'colour' || message[key] !== 0)),
      );
      equal += 1;
    });
  }
});

test('RP3: a message of the chapter is shorter than its JSON, to the byte', () => {
  const proto =
    'syntax = "proto3"; message User { string id = 1; string name = 2; string email = 3; } service S { rpc Get(User) returns (User); }';
  const value = { id: '1', name: 'Ada Lovelace', email: 'ada@example.com' };
  const bytes = bytesOf(rpcOf(proto, 'S/Get').input, value);
  expect(Buffer.from(bytes, 'base64').toString('hex')).toBe(
    '0a0131120c416461204c6f76656c6163651a0f616461406578616d706c652e636f6d',
  );
});

test('RP3: unknown fields survive; adding a field is compatible both ways', () => {
  const old = 'syntax = "proto3"; message M { string a = 1; } service S { rpc Do(M) returns (M); }';
  const added = old.replace('a = 1;', 'a = 1; int32 b = 2;');
  const before = rpcOf(old, 'S/Do').input;
  const after = rpcOf(added, 'S/Do').input;
  const bytes = bytesOf(after, { a: 'x', b: 7 });
  expect(valueOf(before, bytes)).toEqual({ a: 'x' });
  const passed = before.passOn(bytes);
  expect(passed.ok && valueOf(after, passed.value)).toEqual({ a: 'x', b: 7 });
  expect(valueOf(after, bytesOf(before, { a: 'x' }))).toEqual({ a: 'x', b: 0 });
});

test('RP3: a field number used again breaks visibly', () => {
  const old = 'syntax = "proto3"; message M { string a = 1; } service S { rpc Do(M) returns (M); }';
  const reused = old.replace('string a = 1;', 'message N { int32 deep = 1; } N n = 1;');
  const read = rpcOf(reused, 'S/Do').input.decode(bytesOf(rpcOf(old, 'S/Do').input, { a: 'plain text' }));
  expect(read.ok).toBe(false);
});

test('what does not fit is refused in words', () => {
  const refused = (value: Json): string => {
    const encoded = everything.encode(value);
    return encoded.ok ? 'accepted' : encoded.error;
  };
  expect(refused({ an_int64: 9007199254740992 })).toMatch(/Everything\.an_int64 .*2\^53/);
  expect(refused({ an_int64: '9007199254740993' })).toMatch(/2\^53/);
  expect(refused({ loose_numbers: [1, 9007199254740994] })).toMatch(/2\^53/);
  expect(refused({ nothing: 1 })).toMatch(/nothing/);
  expect(refused({ a_string: 7 })).toMatch(/a_string/);
  expect(refused({ an_int32: 1.5 })).toMatch(/an_int32/);
  expect(refused({ name: 'a', number: 1 })).toMatch(/choice|oneof/);
  const far = Buffer.from(golden.encode({ an_int64: 0 }).finish());
  expect(far.length).toBeLessThan(3);
  // 2^63 - 1 from another program: read, but not as a number of ours.
  expect(everything.decode(Buffer.from('20ffffffffffffffff7f', 'hex').toString('base64'))).toMatchObject({ ok: false });
  expect(everything.decode('CgU=')).toMatchObject({ ok: false });
});

test('camel case and proto names are both read; the order of keys changes nothing', () => {
  expect(bytesOf(everything, { aString: 'x', counts: { b: 1, a: 2 } })).toBe(
    bytesOf(everything, { counts: { a: 2, b: 1 }, a_string: 'x' }),
  );
});

test('the value is what the other side reads: a float has lost its digits, defaults are there', () => {
  const encoded = everything.encode({ a_float: 0.1 });
  expect(encoded.ok && encoded.value.value).toMatchObject({
    a_float: Math.fround(0.1),
    an_int64: 0,
    words: [],
    counts: {},
  });
});

test('well-known types: a time is a text, a wrapped number a number, nothing is an empty message', () => {
  const { input, output } = rpcOf(EVERYTHING, 'shop.v1.Shop/Now');
  const value = { at: '2026-02-03T04:05:06.007Z', long: 12, text: 'x' };
  expect(valueOf(output, bytesOf(output, value))).toEqual(value);
  expect(bytesOf(input, {})).toBe('');
  expect(rpcOf(EVERYTHING, 'shop.v1.Shop/Watch').serverStreaming).toBe(true);
});
