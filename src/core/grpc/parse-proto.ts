import { err, ok, type Result } from '../base/result.ts';
import { parseMessage, parseEnum, skipOption } from './parse-message.ts';
import { ProtoError, Reader, tokenize } from './proto-tokens.ts';
import type { ProtoFile, ProtoMethod, ProtoProblem, ProtoService } from './proto-file.ts';
import { checkProto } from './check-proto.ts';

/**
 * Reads a proto3 text (protobuf.dev language specification): messages, nested types, enums, maps, oneof, optional, repeated,
 * reserved, services with streams, and imports of timestamp, empty and wrappers. No extensions, groups, proto2, editions or
 * custom options. Total: what is wrong is said with its place.
 */
export function parseProto(source: string): Result<ProtoFile, ProtoProblem[]> {
  try {
    const file = parseFile(new Reader(tokenize(source)));
    const problems = checkProto(file);
    return problems.length === 0 ? ok(file) : err(problems);
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    return err([{ message: error.message, line: error.line, column: error.column }]);
  }
}

function parseFile(reader: Reader): ProtoFile {
  const file: ProtoFile = { package: '', imports: [], messages: [], enums: [], services: [] };
  const first = reader.next;
  if (first.text !== 'syntax') throw new ProtoError('the text begins with syntax = "proto3";', first);
  reader.take();
  reader.expect('=');
  const syntax = reader.text('"proto3"');
  if (syntax.text.slice(1, -1) !== 'proto3')
    throw new ProtoError(`only proto3 can be read, not ${syntax.text}`, syntax);
  reader.expect(';');
  while (reader.next.kind !== 'end') parseTop(reader, file);
  return file;
}

function parseTop(reader: Reader, file: ProtoFile): void {
  const token = reader.next;
  if (reader.has(';')) return;
  if (reader.has('package')) {
    if (file.package !== '') throw new ProtoError('there is a package already', token);
    file.package = reader.word('the name of the package').text;
    reader.expect(';');
  } else if (reader.has('import')) {
    if (reader.next.text === 'public' || reader.next.text === 'weak') reader.take();
    const path = reader.text('a file in quotes');
    file.imports.push({ path: path.text.slice(1, -1), line: path.line, column: path.column });
    reader.expect(';');
  } else if (reader.has('option')) skipOption(reader);
  else if (reader.has('message')) file.messages.push(parseMessage(reader));
  else if (reader.has('enum')) file.enums.push(parseEnum(reader));
  else if (reader.has('service')) file.services.push(parseService(reader));
  else reader.fail('message, enum, service, package, import or option');
}

function parseService(reader: Reader): ProtoService {
  const { text: name, line, column } = reader.name('the name of the service');
  const methods: ProtoMethod[] = [];
  reader.expect('{');
  while (!reader.has('}')) {
    if (reader.has(';')) continue;
    if (reader.has('option')) skipOption(reader);
    else if (reader.has('rpc')) methods.push(parseMethod(reader));
    else reader.fail('rpc');
  }
  return { name, methods, line, column };
}

function parseMethod(reader: Reader): ProtoMethod {
  const { text: name, line, column } = reader.name('the name of the method');
  const side = (): [string, boolean] => {
    reader.expect('(');
    const word = reader.word('a message');
    const isStream = word.text === 'stream' && reader.next.kind === 'word';
    const type = isStream ? reader.word('a message').text : word.text;
    reader.expect(')');
    return [type, isStream];
  };
  const [input, clientStreaming] = side();
  reader.expect('returns');
  const [output, serverStreaming] = side();
  if (!reader.has(';')) {
    reader.expect('{');
    while (!reader.has('}')) {
      if (reader.has(';')) continue;
      if (reader.has('option')) skipOption(reader);
      else reader.fail('option or "}"');
    }
  }
  return { name, input, output, clientStreaming, serverStreaming, line, column };
}
