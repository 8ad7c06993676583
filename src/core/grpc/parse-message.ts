import { ProtoError, type Reader } from './proto-tokens.ts';
import type { ProtoEnum, ProtoField, ProtoMessage } from './proto-file.ts';

/** `to max` of a reserved range. */
const MAX_NUMBER = 536_870_911;

/** A constant: a number, a text (several stand together), a word with a sign, or `{ ... }`. */
function skipConstant(reader: Reader): void {
  if (reader.has('{')) {
    let depth = 1;
    while (depth > 0) {
      if (reader.next.kind === 'end') reader.fail('"}"');
      const { text, kind } = reader.take();
      if (kind === 'sign') depth += text === '{' ? 1 : text === '}' ? -1 : 0;
    }
    return;
  }
  if (!reader.has('-')) reader.has('+');
  if (reader.next.kind === 'text') {
    while (reader.next.kind === 'text') reader.take();
  } else if (reader.next.kind === 'word' || reader.next.kind === 'number') reader.take();
  else reader.fail('a value');
}

/** `name = value;` after `option`: read over, because an option of a file or service changes no byte. */
export function skipOption(reader: Reader): void {
  if (reader.has('(')) {
    reader.word('the name of the option');
    reader.expect(')');
    if (reader.next.kind === 'word') reader.take();
  } else reader.word('the name of the option');
  reader.expect('=');
  skipConstant(reader);
  reader.expect(';');
}

/** A message after its keyword. */
export function parseMessage(reader: Reader): ProtoMessage {
  const { text: name, line, column } = reader.name('the name of the message');
  const message: ProtoMessage = {
    name,
    line,
    column,
    fields: [],
    oneofs: [],
    messages: [],
    enums: [],
    reserved: { ranges: [], names: [] },
  };
  reader.expect('{');
  while (!reader.has('}')) parseMember(reader, message);
  return message;
}

/** Words that begin a member other than a field, unless a field name follows at once (`message message = 1;` is legal for types only). */
function parseMember(reader: Reader, message: ProtoMessage): void {
  const token = reader.next;
  if (reader.has(';')) return;
  switch (token.text) {
    case 'message':
      reader.take();
      message.messages.push(parseMessage(reader));
      return;
    case 'enum':
      reader.take();
      message.enums.push(parseEnum(reader));
      return;
    case 'oneof':
      reader.take();
      return parseOneof(reader, message);
    case 'reserved':
      reader.take();
      return parseReserved(reader, message);
    case 'option':
      reader.take();
      return skipOption(reader);
    case 'required':
    case 'group':
    case 'extensions':
    case 'extend':
      throw new ProtoError(`"${token.text}" belongs to proto2`, token);
    default:
      message.fields.push(parseField(reader, null));
  }
}

function parseOneof(reader: Reader, message: ProtoMessage): void {
  const { text: name, line, column } = reader.name('the name of the oneof');
  const oneof = message.oneofs.push({ name, line, column }) - 1;
  reader.expect('{');
  while (!reader.has('}')) {
    if (reader.has(';')) continue;
    if (reader.next.text === 'option') {
      reader.take();
      skipOption(reader);
      continue;
    }
    if (['optional', 'repeated', 'map'].includes(reader.next.text)) reader.fail('a type');
    message.fields.push(parseField(reader, oneof));
  }
}

function parseField(reader: Reader, oneof: number | null): ProtoField {
  let label: ProtoField['label'] = 'none';
  if (reader.next.text === 'optional' || reader.next.text === 'repeated')
    label = reader.take().text === 'optional' ? 'optional' : 'repeated';
  const first = reader.word('a type');
  let mapKey: string | null = null;
  let type = first.text;
  if (type === 'map' && reader.has('<')) {
    if (label !== 'none') throw new ProtoError('a map is neither optional nor repeated', first);
    mapKey = reader.word('the type of the keys').text;
    reader.expect(',');
    type = reader.word('the type of the values').text;
    reader.expect('>');
  }
  const { text: name, line, column } = reader.name('the name of the field');
  reader.expect('=');
  const number = reader.integer('the number of the field');
  const field: ProtoField = { name, number, type, label, mapKey, oneof, packed: null, jsonName: null, line, column };
  if (reader.has('[')) parseFieldOptions(reader, field);
  reader.expect(';');
  return field;
}

function parseFieldOptions(reader: Reader, field: ProtoField): void {
  do {
    const option = reader.name('the name of an option');
    reader.expect('=');
    const value = reader.next;
    if (option.text === 'packed') field.packed = value.text === 'true';
    else if (option.text === 'json_name') field.jsonName = value.text.slice(1, -1);
    else if (option.text !== 'deprecated')
      throw new ProtoError(`the option "${option.text}" is not known here`, option);
    skipConstant(reader);
  } while (reader.has(','));
  reader.expect(']');
}

function parseReserved(reader: Reader, message: ProtoMessage): void {
  do {
    if (reader.next.kind === 'text') message.reserved.names.push(reader.take().text.slice(1, -1));
    else {
      const from = reader.integer('a number or a name in quotes');
      let to = from;
      if (reader.has('to')) to = reader.has('max') ? MAX_NUMBER : reader.integer('a number or max');
      message.reserved.ranges.push([from, to]);
    }
  } while (reader.has(','));
  reader.expect(';');
}

/** An enum after its keyword. */
export function parseEnum(reader: Reader): ProtoEnum {
  const { text: name, line, column } = reader.name('the name of the enum');
  const found: ProtoEnum = { name, line, column, values: [], allowAlias: false };
  reader.expect('{');
  while (!reader.has('}')) {
    if (reader.has(';')) continue;
    if (reader.has('option')) {
      if (reader.next.text === 'allow_alias') found.allowAlias = true;
      skipOption(reader);
    } else if (reader.next.text === 'reserved') {
      while (!reader.has(';')) {
        if (reader.next.kind === 'end') reader.fail('";"');
        reader.take();
      }
    } else {
      const value = reader.name('the name of a value');
      reader.expect('=');
      const number = reader.integer('the number of the value');
      if (reader.has('[')) {
        while (!reader.has(']')) {
          if (reader.next.kind === 'end') reader.fail('"]"');
          reader.take();
        }
      }
      reader.expect(';');
      found.values.push({ name: value.text, number, line: value.line, column: value.column });
    }
  }
  return found;
}
