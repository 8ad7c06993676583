import { describe, expect, test } from 'vitest';
import { parseProto } from './parse-proto.ts';

const HEAD = 'syntax = "proto3";\n';
const problemsOf = (text: string): string[] => {
  const parsed = parseProto(text);
  return parsed.ok ? [] : parsed.error.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

test('a service, its messages, comments and options', () => {
  const parsed = parseProto(`// the user service
syntax = 'proto3';
package user.v1; option go_package = "example.com/user;user";
/* two
   lines */ message UserRequest { string user_id = 1 [deprecated = true]; ; }
message UserResponse { message Deep { enum Level { LOW = 0; HIGH = 0x1F; } Level level = 1; } Deep deep = 1; }
service UserService {
  rpc GetUser (UserRequest) returns (UserResponse);
  rpc Watch (UserRequest) returns (stream .user.v1.UserResponse) { option (google.api.http) = { get: "/v1/{id}" }; }
}`);
  expect(parsed.ok).toBe(true);
  if (!parsed.ok) return;
  expect(parsed.value.package).toBe('user.v1');
  expect(parsed.value.messages[1]?.messages[0]?.enums[0]?.values[1]).toMatchObject({ name: 'HIGH', number: 31 });
  expect(parsed.value.services[0]?.methods).toMatchObject([
    { name: 'GetUser', input: 'UserRequest', serverStreaming: false, clientStreaming: false },
    { name: 'Watch', output: '.user.v1.UserResponse', serverStreaming: true },
  ]);
});

describe('what is wrong is said with its line and column', () => {
  const cases: [string, string, RegExp][] = [
    ['nothing', '', /^1:1 .*syntax = "proto3"/],
    ['proto2', 'syntax = "proto2";', /^1:10 only proto3/],
    ['an edition', 'edition = "2023";', /^1:1 .*proto3/],
    ['a missing semicolon', `${HEAD}message M {\n  string a = 1\n}`, /^4:1 expected ";", found "}"/],
    ['an open message', `${HEAD}message M {`, /^2:12 expected .*the end of the text/],
    ['an open comment', `${HEAD}/* so`, /^2:1 this comment never ends/],
    ['an open text', `${HEAD}import "x`, /^2:8 this text is not closed/],
    ['a strange character', `${HEAD}message M { string ї = 1; }`, /^2:20 unexpected character "ї"/],
    ['an unknown type', `${HEAD}message M { Nope n = 1; }`, /^2:18 there is no type "Nope"/],
    ['a number twice', `${HEAD}message M { string a = 1; string b = 1; }`, /"a" and "b" have the same number 1/],
    ['a name twice', `${HEAD}message M { string a = 1; int32 a = 2; }`, /the field "a" appears twice/],
    ['two names of one JSON name', `${HEAD}message M { string a_b = 1; int32 aB = 2; }`, /the same JSON name/],
    ['a number out of range', `${HEAD}message M { string a = 0; }`, /1 to 536870911/],
    ['a number kept for protobuf', `${HEAD}message M { string a = 19000; }`, /kept for protobuf/],
    ['a reserved number', `${HEAD}message M { reserved 3 to max; string a = 5; }`, /5 is reserved/],
    ['a reserved name', `${HEAD}message M { reserved "a"; string a = 5; }`, /"a" is reserved/],
    ['an enum without 0', `${HEAD}enum E { A = 1; }`, /first value .* must be 0/],
    ['a map of floats', `${HEAD}message M { map<float, string> a = 1; }`, /"float" cannot be the key/],
    ['an optional map', `${HEAD}message M { optional map<string, string> a = 1; }`, /neither optional nor repeated/],
    ['an import', `${HEAD}import "other.proto";`, /^2:8 "other.proto" cannot be imported/],
    ['required', `${HEAD}message M { required string a = 1; }`, /"required" belongs to proto2/],
    [
      'an enum as a message',
      `${HEAD}enum E { A = 0; } service S { rpc Do(E) returns (E); }`,
      /there is no message "E"/,
    ],
    ['an empty oneof', `${HEAD}message M { oneof x { } }`, /the oneof "x" is empty/],
    ['repeated in a oneof', `${HEAD}message M { oneof x { repeated string a = 1; } }`, /expected a type/],
    ['a type without import', `${HEAD}message M { google.protobuf.Timestamp at = 1; }`, /there is no type/],
    ['an unknown option', `${HEAD}message M { string a = 1 [ctype = CORD]; }`, /"ctype" is not known/],
  ];
  for (const [name, text, words] of cases) {
    test(name, () => expect(problemsOf(text).join('\n')).toMatch(words));
  }
});

test('never throws, whatever the text', () => {
  const whole = `${HEAD}message M { map<string, M> m = 1; oneof o { int32 a = 2; } reserved 4 to max; } enum E { A = 0; }`;
  for (let at = 0; at < whole.length; at += 1) {
    expect(() => parseProto(whole.slice(0, at))).not.toThrow();
    expect(() => parseProto(`${whole.slice(0, at)}}${whole.slice(at)}`)).not.toThrow();
  }
});
