/** Where and why a text is not the JSON that a document may be. Line and column count from 1, column in UTF-16 units. */
export interface JsonFlaw {
  reason: string;
  line: number;
  column: number;
}
/** Levels of nesting that a document may have. */
export const DEPTH_LIMIT = 64;

class Flaw extends Error {
  readonly at: number;
  constructor(reason: string, at: number) {
    super(reason);
    this.at = at;
  }
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

const matchAt = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
};
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;
/** End of the text that starts at `at`, or -1. A loop, because a regular expression may exhaust its stack on a text of megabytes. */
function stringEnd(text: string, at: number): number {
  if (text[at] !== '"') return -1;
  let index = at + 1;
  for (;;) {
    const code = text.charCodeAt(index);
    if (code === 34) return index + 1;
    // NaN (the end of the text) is not >= 32 either.
    if (!(code >= 32)) return -1;
    index = code === 92 ? matchAt(ESCAPE, text, index + 1) : index + 1;
    if (index < 0) return -1;
  }
}
const skip = (text: string, at: number): number => matchAt(SPACE, text, at);
const show = (text: string, at: number): string =>
  at >= text.length ? 'the end of the text' : JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));

function key(text: string, at: number, seen: Set<string>): number {
  const end = stringEnd(text, at);
  if (end < 0) throw new Flaw(`a key in double quotes is expected, found ${show(text, at)}`, at);
  const name = JSON.parse(text.slice(at, end)) as string;
  if (name === '__proto__') throw new Flaw('the key "__proto__" is not allowed', at);
  if (seen.has(name)) throw new Flaw(`the key ${JSON.stringify(name)} appears twice in one object`, at);
  seen.add(name);
  const colon = skip(text, end);
  if (text[colon] !== ':')
    throw new Flaw(`":" is expected after the key ${JSON.stringify(name)}, found ${show(text, colon)}`, colon);
  return skip(text, colon + 1);
}

/** Walks the grammar of RFC 8259 without recursion; `null` in the stack is a list, a set holds the keys of an object. */
function walk(text: string): void {
  const stack: (Set<string> | null)[] = [];
  let at = skip(text, 0);
  for (;;) {
    const open = text[at];
    if (open === '{' || open === '[') {
      if (stack.length >= DEPTH_LIMIT) throw new Flaw(`more than ${DEPTH_LIMIT} levels of nesting`, at);
      const inner = skip(text, at + 1);
      if (text[inner] === (open === '{' ? '}' : ']')) at = inner + 1;
      else {
        const seen = open === '{' ? new Set<string>() : null;
        stack.push(seen);
        at = seen ? key(text, inner, seen) : inner;
        continue;
      }
    } else {
      const end = open === '"' ? stringEnd(text, at) : matchAt(SCALAR, text, at);
      if (end < 0)
        throw new Flaw(
          open === '"'
            ? 'a text is not closed or holds a control character or a wrong escape'
            : `a value is expected, found ${show(text, at)}`,
          at,
        );
      at = end;
    }
    // A value has ended: close what ends here, then go on with the next one.
    for (;;) {
      at = skip(text, at);
      const seen = stack[stack.length - 1];
      if (seen === undefined) {
        if (at < text.length) throw new Flaw(`nothing may follow the document, found ${show(text, at)}`, at);
        return;
      }
      if (text[at] === ',') {
        at = skip(text, at + 1);
        if (seen) at = key(text, at, seen);
        break;
      }
      if (text[at] !== (seen ? '}' : ']'))
        throw new Flaw(`"," or "${seen ? '}' : ']'}" is expected, found ${show(text, at)}`, at);
      stack.pop();
      at += 1;
    }
  }
}

/** The first flaw of the text, or null when it is JSON of at most 64 levels without repeated or `__proto__` keys. Never recurses. */
export function scanJson(text: string): JsonFlaw | null {
  try {
    walk(text);
    return null;
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
    const before = text.slice(0, error.at).split('\n');
    return { reason: error.message, line: before.length, column: (before[before.length - 1] ?? '').length + 1 };
  }
}
