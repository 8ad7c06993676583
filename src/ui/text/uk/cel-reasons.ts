import type { Reason } from './expression-reasons.ts';

/** What the reader of CEL calls the pieces of an expression. */
const PIECES: Readonly<Record<string, string>> = {
  EOF: 'кінець виразу',
  NUMBER: 'число',
  STRING: 'текст',
  BYTES: 'байти',
  BOOLEAN: 'true або false',
  NULL: 'null',
  IDENTIFIER: 'назва',
  PLUS: '"+"',
  MINUS: '"-"',
  MULTIPLY: '"*"',
  DIVIDE: '"/"',
  MODULO: '"%"',
  EQ: '"=="',
  NE: '"!="',
  LT: '"<"',
  LE: '"<="',
  GT: '">"',
  GE: '">="',
  AND: '"&&"',
  OR: '"||"',
  NOT: '"!"',
  IN: '"in"',
  LPAREN: '"("',
  RPAREN: '")"',
  LBRACKET: '"["',
  RBRACKET: '"]"',
  LBRACE: '"{"',
  RBRACE: '"}"',
  DOT: '"."',
  COMMA: '","',
  COLON: '":"',
  QUESTION: '"?"',
};
const piece = (name = ''): string => PIECES[name] ?? name;

/** What it counts. */
const LIMITS: Readonly<Record<string, string>> = {
  maxAstNodes: 'частин виразу',
  maxDepth: 'рівнів вкладеності',
  maxListElements: 'елементів списку',
  maxMapEntries: 'полів об’єкта',
  maxCallArguments: 'аргументів',
};

/** What the reader of CEL says of an expression that it cannot read. */
export const celReasons: readonly Reason[] = [
  { source: 'Unexpected character: ', pattern: /^Unexpected character: '?(.+?)'?$/s, words: 'зайвий символ $1' },
  {
    source: 'Unexpected token: ',
    pattern: /^Unexpected token: (\w+)$/,
    words: (found) => (found === 'EOF' ? 'вираз обривається' : `тут не може стояти ${piece(found)}`),
  },
  {
    source: 'Expected ',
    pattern: /^Expected (\w+), got (\w+)$/,
    words: (wanted, found) => `очікується ${piece(wanted)}, а тут ${piece(found)}`,
  },
  { source: 'Invalid number: ', pattern: /^Invalid number: (.+)$/, words: 'хибне число $1' },
  { source: 'Invalid hex integer: ', pattern: /^Invalid hex integer: (.*)$/, words: 'хибне шістнадцяткове число $1' },
  { source: 'Invalid integer: ', pattern: /^Invalid integer: (.*)$/, words: 'хибне ціле число $1' },
  { source: 'Invalid exponent', pattern: /^Invalid exponent$/, words: 'хибний показник степеня' },
  {
    source: 'Newlines not allowed in single-quoted strings',
    pattern: /^Newlines not allowed in single-quoted strings$/,
    words: 'текст у лапках не може переходити на новий рядок',
  },
  { source: 'Unterminated string', pattern: /^Unterminated string$/, words: 'текст не закрито лапкою' },
  {
    source: 'Unterminated triple-quoted string',
    pattern: /^Unterminated triple-quoted string$/,
    words: 'текст не закрито трьома лапками',
  },
  {
    source: ' not allowed in bytes literals',
    pattern: /^(.+) not allowed in bytes literals$/,
    words: '$1 не можна писати в байтах',
  },
  {
    source: 'Invalid Unicode escape: ',
    pattern: /^Invalid Unicode escape: (.+)$/s,
    words: 'хибне екранування Unicode $1',
  },
  {
    source: 'Invalid Unicode surrogate: ',
    pattern: /^Invalid Unicode surrogate: (.+)$/,
    words: '$1 — лише половина символу Unicode',
  },
  {
    source: 'Invalid hex escape: ',
    pattern: /^Invalid hex escape: (.+)$/s,
    words: 'хибне шістнадцяткове екранування $1',
  },
  {
    source: 'Octal escape must be 3 digits',
    pattern: /^Octal escape must be 3 digits$/,
    words: 'вісімкове екранування має три цифри',
  },
  {
    source: 'Octal escape out of range: ',
    pattern: /^Octal escape out of range: (.+)$/,
    words: 'вісімкове екранування $1 завелике',
  },
  {
    source: 'Invalid escape sequence: ',
    pattern: /^Invalid escape sequence: (.+)$/s,
    words: 'невідоме екранування $1',
  },
  {
    source: 'Exceeded ',
    pattern: /^Exceeded (\w+) \((\d+)\)$/,
    words: (what = '', most) => `забагато ${LIMITS[what] ?? what} (межа ${most})`,
  },
  { source: 'Expression must be a string', pattern: /^Expression must be a string$/, words: 'вираз має бути текстом' },
  {
    source: 'Reserved identifier: ',
    pattern: /^Reserved identifier: (\w+)$/,
    words: 'назва $1 зарезервована мовою CEL',
  },
  {
    source: ' invalid predicate iteration variable',
    pattern: /^(.+) invalid predicate iteration variable$/,
    words: '$1: першою має стояти проста назва',
  },
  {
    source: 'invalid variable argument',
    pattern: /^invalid variable argument$/,
    words: 'першою має стояти проста назва',
  },
];
