/** Names by which the parser of the CEL library calls an operator, where they differ from the operator's own. */
const ALIASES: Readonly<Record<string, string>> = {
  fieldAccess: '.',
  optionalFieldAccess: '.?',
  bracketAccess: '[]',
  optionalBracketAccess: '[?]',
  ternary: '?:',
  unaryNot: '!_',
  unaryMinus: '-_',
};

interface Operator {
  name: string;
}
const known = new Map<string, Operator>();
/** Always the same object for one operator: the parser compares them. */
function operatorOf(key: string): Operator {
  const name = ALIASES[key] ?? key;
  const operator = known.get(name) ?? { name };
  known.set(name, operator);
  return operator;
}

/** Stands in for the library's table of operators: every operator has its name and nothing that evaluates it. */
export const OPERATORS: Readonly<Record<string, Operator>> = new Proxy(
  {},
  { get: (_, key) => operatorOf(String(key)) },
);

const MAX_UINT = 2n ** 64n - 1n;

/** Stands in for the library's `5u`: a whole number of 64 bits, which the reader of literals turns into a number. */
export class UnsignedInt {
  private readonly value: bigint;
  constructor(text: string) {
    this.value = BigInt(text);
    if (this.value < 0n || this.value > MAX_UINT) throw new RangeError('not an unsigned integer of 64 bits');
  }
  valueOf(): bigint {
    return this.value;
  }
}
