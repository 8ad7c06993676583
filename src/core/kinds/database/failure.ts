/** Failure codes of a store and the SQLSTATE that PostgreSQL reports for the same thing. */
export const SQLSTATE = {
  unique_violation: '23505',
  not_null_violation: '23502',
  deadlock: '40P01',
  no_table: '42P01',
  undefined_column: '42703',
  invalid_type: '22P02',
  out_of_range: '22003',
  no_transaction: '25P01',
  active_transaction: '25001',
  transaction_aborted: '25P02',
  too_many_connections: '53300',
} as const;
export type StoreFailureCode = keyof typeof SQLSTATE;
export interface StoreFailure {
  ok: false;
  code: StoreFailureCode;
  message: string;
}
export const storeFailure = (code: StoreFailureCode, message: string): StoreFailure => ({ ok: false, code, message });
