import {
  SCALARS,
  WELL_KNOWN,
  type Place,
  type ProtoEnum,
  type ProtoFile,
  type ProtoMessage,
  type ProtoProblem,
} from './proto-file.ts';

/** A name as the descriptors write it. */
export type TypeRef = { kind: 'message' | 'enum'; name: string };
/** Full names of a file's types. */
export type TypeNames = ReadonlyMap<string, TypeRef['kind']>;

const join = (scope: string, name: string): string => (scope === '' ? name : `${scope}.${name}`);

/** Every type that the file knows: its own and those that it imports. */
export function typeNames(file: ProtoFile): TypeNames {
  const names = new Map<string, TypeRef['kind']>();
  for (const { path } of file.imports)
    for (const type of WELL_KNOWN[path] ?? []) names.set(`google.protobuf.${type}`, 'message');
  const walk = (scope: string, messages: readonly ProtoMessage[], enums: readonly ProtoEnum[]): void => {
    for (const one of enums) names.set(join(scope, one.name), 'enum');
    for (const one of messages) {
      const full = join(scope, one.name);
      names.set(full, 'message');
      walk(full, one.messages, one.enums);
    }
  };
  walk(file.package, file.messages, file.enums);
  return names;
}

/** What a name means inside `scope`: the innermost scope that knows it, as in C++; null when none does. */
export function resolveType(names: TypeNames, scope: string, name: string): TypeRef | null {
  if (name.startsWith('.')) {
    const kind = names.get(name.slice(1));
    return kind === undefined ? null : { kind, name: name.slice(1) };
  }
  for (let at = scope; ; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const full = join(at, name);
    const kind = names.get(full);
    if (kind !== undefined) return { kind, name: full };
    if (at === '') return null;
  }
}

const MAP_KEYS: ReadonlySet<string> = new Set([...SCALARS].filter((type) => !/^(double|float|bytes)$/.test(type)));
/** Where every JSON name must be unique: `user_id` and `userId` would be the same. */
const jsonName = (name: string): string =>
  name.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());

class Checker {
  readonly problems: ProtoProblem[] = [];
  private readonly names: TypeNames;
  constructor(names: TypeNames) {
    this.names = names;
  }

  say(at: Place, message: string): void {
    this.problems.push({ message, line: at.line, column: at.column });
  }

  unique(items: readonly ({ name: string } & Place)[], what: string): void {
    const seen = new Set<string>();
    for (const item of items) {
      if (seen.has(item.name)) this.say(item, `${what} "${item.name}" appears twice`);
      seen.add(item.name);
    }
  }

  type(at: Place, scope: string, name: string): void {
    if (!SCALARS.has(name) && resolveType(this.names, scope, name) === null) this.say(at, `there is no type "${name}"`);
  }

  message(at: Place, scope: string, name: string): void {
    const found = SCALARS.has(name) ? null : resolveType(this.names, scope, name);
    if (found?.kind !== 'message') this.say(at, `there is no message "${name}"`);
  }
}

function checkEnum(checker: Checker, one: ProtoEnum): void {
  checker.unique(one.values, 'the value');
  const [first] = one.values;
  if (first?.number !== 0) checker.say(first ?? one, `the first value of the enum "${one.name}" must be 0`);
  const numbers = new Set<number>();
  for (const value of one.values) {
    if (value.number < -2_147_483_648 || value.number > 2_147_483_647)
      checker.say(value, `${value.number} does not fit an enum: 32 bits`);
    if (numbers.has(value.number) && !one.allowAlias)
      checker.say(value, `the number ${value.number} appears twice in "${one.name}"`);
    numbers.add(value.number);
  }
}

function checkMessage(checker: Checker, scope: string, one: ProtoMessage): void {
  const full = join(scope, one.name);
  checker.unique([...one.fields, ...one.oneofs], 'the field');
  checker.unique([...one.messages, ...one.enums], 'the type');
  const numbers = new Map<number, string>();
  const json = new Map<string, string>();
  for (const field of one.fields) {
    const { name, number } = field;
    if (number < 1 || number > 536_870_911) checker.say(field, `field numbers go from 1 to 536870911, not ${number}`);
    if (number >= 19_000 && number <= 19_999) checker.say(field, `19000 to 19999 are kept for protobuf itself`);
    const first = numbers.get(number);
    if (first !== undefined) checker.say(field, `"${first}" and "${name}" have the same number ${number}`);
    numbers.set(number, name);
    const text = field.jsonName ?? jsonName(name);
    const alike = json.get(text);
    if (alike !== undefined && alike !== name) checker.say(field, `"${alike}" and "${name}" have the same JSON name`);
    json.set(text, name);
    const { ranges, names } = one.reserved;
    if (ranges.some(([from, to]) => number >= from && number <= to)) checker.say(field, `${number} is reserved`);
    if (names.includes(name)) checker.say(field, `the name "${name}" is reserved`);
    if (field.mapKey !== null && !MAP_KEYS.has(field.mapKey))
      checker.say(field, `"${field.mapKey}" cannot be the key of a map`);
    checker.type(field, full, field.type);
  }
  one.oneofs.forEach((oneof, index) => {
    if (!one.fields.some((field) => field.oneof === index)) checker.say(oneof, `the oneof "${oneof.name}" is empty`);
  });
  for (const inner of one.enums) checkEnum(checker, inner);
  for (const inner of one.messages) checkMessage(checker, full, inner);
}

/** Everything that the grammar lets pass: unknown types, numbers used twice, reserved ones, files that cannot be imported. */
export function checkProto(file: ProtoFile): ProtoProblem[] {
  const checker = new Checker(typeNames(file));
  for (const one of file.imports) {
    if (!Object.hasOwn(WELL_KNOWN, one.path))
      checker.say(one, `"${one.path}" cannot be imported: a service describes itself in one text`);
  }
  checker.unique(
    file.imports.map((one) => ({ ...one, name: one.path })),
    'the import',
  );
  checker.unique([...file.messages, ...file.enums, ...file.services], 'the name');
  for (const one of file.enums) checkEnum(checker, one);
  for (const one of file.messages) checkMessage(checker, file.package, one);
  for (const service of file.services) {
    checker.unique(service.methods, 'the method');
    for (const method of service.methods) {
      checker.message(method, file.package, method.input);
      checker.message(method, file.package, method.output);
    }
  }
  return checker.problems;
}
