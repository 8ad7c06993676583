/** A user problem: coded, clickable, stable. Messages follow "Failed to <verb> ...: <why> (<values>)". */
export interface Problem {
  code: string;
  message: string;
  /** JSON path into the document, such as `nodes/order/config/endpoints/0`; empty for the whole document. */
  at: string;
  severity: 'error' | 'warning';
  fix?: string;
}

/** What every fallible function at a border returns; nothing is thrown across a border. */
export type Result<T, E = Problem[]> = { ok: true; value: T } | { ok: false; error: E };

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const err = <E>(error: E): { ok: false; error: E } => ({ ok: false, error });

/** Throws: a broken promise between our own parts is a bug and crashes loudly. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
