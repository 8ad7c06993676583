import { fail } from './failure.ts';

/** One piece of a string: literal text, or the source of a `${ }`. */
export type Piece = { text: string } | { expression: string };

/** End of the CEL string that starts at `at` (a quote); handles escapes and triple quotes. `raw` strings have no escapes. */
function skipString(source: string, at: number, raw: boolean): number {
  const quote = source[at] ?? '';
  const triple = source.startsWith(quote.repeat(3), at);
  const end = triple ? quote.repeat(3) : quote;
  let index = at + end.length;
  while (index < source.length) {
    if (source[index] === '\\' && !raw) index += 2;
    else if (source.startsWith(end, index)) return index + end.length;
    else index += 1;
  }
  return fail('a text inside ${ } is not closed');
}

/** Index of the `}` that closes the expression starting at `from`. */
function closing(source: string, from: number): number {
  let depth = 0;
  let index = from;
  while (index < source.length) {
    const char = source[index];
    if (char === '"' || char === "'") {
      index = skipString(source, index, /(^|[^A-Za-z0-9_])[rR]$/.test(source.slice(Math.max(from, index - 2), index)));
      continue;
    }
    if (char === '{') depth += 1;
    if (char === '}') {
      if (depth === 0) return index;
      depth -= 1;
    }
    index += 1;
  }
  return fail('"${" is not closed by "}"');
}

/** Splits a string at its `${ }`; `$${` is a literal `${`. Throws ExpressionError when one is not closed. */
export function splitTemplate(source: string): Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  let index = 0;
  while (index < source.length) {
    if (source.startsWith('$${', index)) {
      text += '${';
      index += 3;
    } else if (source.startsWith('${', index)) {
      const end = closing(source, index + 2);
      if (text !== '') pieces.push({ text });
      text = '';
      pieces.push({ expression: source.slice(index + 2, end).trim() });
      index = end + 1;
    } else {
      text += source[index];
      index += 1;
    }
  }
  if (text !== '' || pieces.length === 0) pieces.push({ text });
  return pieces;
}
