import type { Json } from '../base/json.ts';

export type TableRow = Record<string, Json>;
/** One durable record of a store; `row` null = deleted. */
export interface StoredRow {
  table: string;
  /** Primary key as canonical JSON text. */
  key: string;
  row: Json;
}
