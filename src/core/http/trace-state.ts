/** Members that a `tracestate` may have (W3C Trace Context 3.3.1.1); one more and all are dropped. */
const MAX_MEMBERS = 32;
/** A key of level 2: lower case letters, digits and `_ - * / @`, beginning with a letter or digit, at most 256 characters. */
const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
/** Printable ASCII without comma and equals sign, not ending with a space, at most 256 characters. */
const VALUE = /^[\u0020-\u002b\u002d-\u003c\u003e-\u007e]{0,255}[\u0021-\u002b\u002d-\u003c\u003e-\u007e]$/;

/** The members of all `tracestate` headers in their order as one value, or null: none, one that breaks the grammar, or more than 32 (OB1). */
export function readTracestate(headers: readonly string[]): string | null {
  const members = headers
    .flatMap((header) => header.split(','))
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
  if (members.length === 0 || members.length > MAX_MEMBERS) return null;
  for (const member of members) {
    const at = member.indexOf('=');
    if (at < 0 || !KEY.test(member.slice(0, at)) || !VALUE.test(member.slice(at + 1))) return null;
  }
  return members.join(',');
}
