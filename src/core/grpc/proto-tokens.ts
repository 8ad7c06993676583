/** Why a proto text cannot be read, and where: line and column from 1. */
export class ProtoError extends Error {
  readonly line: number;
  readonly column: number;
  constructor(message: string, at: { line: number; column: number }) {
    super(message);
    this.line = at.line;
    this.column = at.column;
  }
}

export interface Token {
  kind: 'word' | 'number' | 'text' | 'sign' | 'end';
  text: string;
  line: number;
  column: number;
}

const SPACE = /^\s+|^\/\/[^\n]*|^\/\*[\s\S]*?\*\//;
const FORMS: readonly [Token['kind'], RegExp][] = [
  ['word', /^\.?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/],
  ['number', /^-?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)/],
  ['text', /^(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/],
  ['sign', /^[{}()[\]<>;=,:+-]/],
];

/** Words, numbers, texts and signs of a proto text with their places; comments and white space are gone. Throws ProtoError. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let column = 1;
  const advance = (text: string): void => {
    const lines = text.split('\n');
    line += lines.length - 1;
    column = lines.length === 1 ? column + text.length : (lines.at(-1) ?? '').length + 1;
  };
  let rest = source;
  while (rest !== '') {
    const space = SPACE.exec(rest)?.[0];
    if (space !== undefined) {
      advance(space);
      rest = rest.slice(space.length);
      continue;
    }
    if (rest.startsWith('/*')) throw new ProtoError('this comment never ends', { line, column });
    const found = FORMS.map(([kind, form]) => ({ kind, text: form.exec(rest)?.[0] })).find(({ text }) => text);
    const text = found?.text;
    if (found === undefined || text === undefined) {
      const isOpen = rest.startsWith('"') || rest.startsWith("'");
      throw new ProtoError(isOpen ? 'this text is not closed' : `unexpected character "${rest.charAt(0)}"`, {
        line,
        column,
      });
    }
    tokens.push({ kind: found.kind, text, line, column });
    advance(text);
    rest = rest.slice(text.length);
  }
  tokens.push({ kind: 'end', text: '', line, column });
  return tokens;
}

/** Reads tokens one after the other. */
export class Reader {
  private at = 0;
  private readonly tokens: readonly Token[];
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get next(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.next;
    this.at += 1;
    return token;
  }

  fail(wanted: string, token = this.next): never {
    const found = token.kind === 'end' ? 'the end of the text' : `"${token.text}"`;
    throw new ProtoError(`expected ${wanted}, found ${found}`, token);
  }

  /** Takes the text when it comes next. */
  has(text: string): boolean {
    if (this.next.text !== text || this.next.kind === 'text') return false;
    this.at += 1;
    return true;
  }

  expect(text: string): Token {
    return this.next.text === text && this.next.kind !== 'text' ? this.take() : this.fail(`"${text}"`);
  }

  /** A simple name, without dots. */
  name(what: string): Token {
    const token = this.next;
    return token.kind === 'word' && !token.text.includes('.') ? this.take() : this.fail(what);
  }

  word(what: string): Token {
    return this.next.kind === 'word' ? this.take() : this.fail(what);
  }

  text(what: string): Token {
    return this.next.kind === 'text' ? this.take() : this.fail(what);
  }

  integer(what: string): number {
    const token = this.next;
    const value = Number(token.text);
    return token.kind === 'number' && Number.isSafeInteger(value) ? (this.take(), value) : this.fail(what);
  }
}
