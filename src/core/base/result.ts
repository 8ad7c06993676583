/** A user problem: coded, clickable, stable. Messages follow "Failed to <verb> ...: <why> (<values>)". */
export interface Problem {
  code: string;
  /** English, for the command line and logs; the interface builds its own sentence from `text` and `values`. */
  message: string;
  /** Names the sentence in the catalogue of problems: the code, or the code with a variant after a dot. */
  text?: string;
  /** What the sentence names, by place. */
  values?: Readonly<Record<string, string | number>>;
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
