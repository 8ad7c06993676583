import { Document, isScalar, Pair, Scalar, visit, YAMLMap, YAMLSeq } from 'yaml';
import { isObject, type Json } from '../base/json.ts';

/** Keys that no YAML 1.1 or 1.2 reader takes for anything but text. Everything else is quoted. */
const SAFE_KEY = /^[a-z_][a-z0-9_.-]*$/i;
const NOT_TEXT = new Set(['null', 'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n', '~']);

function keyNode(key: string): Scalar<string> {
  const node = new Scalar(key);
  const isSafe = SAFE_KEY.test(key) && !NOT_TEXT.has(key.toLowerCase());
  node.type = isSafe ? Scalar.PLAIN : Scalar.QUOTE_DOUBLE;
  return node;
}

/** What YAML calls not printable, tabs and half characters: never in a block scalar. */
// eslint-disable-next-line no-control-regex
const NOT_LITERAL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/u;

/** Several lines, not indented at the start, no spaces at line ends: the text of a block scalar is then the text itself. */
const isBlockText = (text: string): boolean =>
  text.includes('\n') && !/^[ \n]| \n|[^\n]$|\n\n$/.test(text) && !NOT_LITERAL.test(text);

function valueNode(value: Json): Scalar | YAMLMap | YAMLSeq {
  if (Array.isArray(value)) {
    const seq = new YAMLSeq();
    for (const item of value) seq.add(valueNode(item));
    return seq;
  }
  if (isObject(value)) {
    const map = new YAMLMap();
    for (const [key, item] of Object.entries(value)) map.add(new Pair(keyNode(key), valueNode(item)));
    return map;
  }
  const node = new Scalar<unknown>(value);
  if (typeof value === 'string') node.type = isBlockText(value) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
  return node;
}

/**
 * YAML text of a JSON value in its own key order. Text values are always quoted or literal, so that no reader takes
 * `no`, `1e3` or `012` for anything else; lines are never folded; lists of short scalars stand on one line.
 */
export function printYaml(value: Json): string {
  const document = new Document(valueNode(value));
  visit(document, {
    Seq: (_key, seq) => {
      if (seq.items.every((item) => isScalar(item) && item.type !== Scalar.BLOCK_LITERAL)) seq.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
