import { canonicalize } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import type { StoredRow, TableRow } from '../storage/types.ts';
import type { Table } from '../topology/schema/types.ts';

type ColumnType = Table['columns'][number]['type'];

/** PostgreSQL's type of a declared column (decision 14). Text is compared by code point, as in the tab. */
export const SQL_TYPES: Record<ColumnType, string> = {
  string: 'text COLLATE "C"',
  int: 'bigint',
  number: 'double precision',
  bool: 'boolean',
  time: 'timestamptz',
  json: 'jsonb',
};

/** An SQL identifier, quoted: upper case and reserved words stay what they are. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What SQL and YAML readers would change or refuse; NUL itself no PostgreSQL text can hold, the exporter refuses it before. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** An SQL text literal without control characters: quotes, backslashes and line ends of the text cannot end or change it. */
export function sqlText(text: string): string {
  // Half a character has no UTF-8 form; values that cross a border lose it too (decision 29).
  const quoted = text.replace(/\p{Surrogate}/gu, '\ufffd').replaceAll("'", "''");
  if (text.search(UNSAFE) < 0 && !text.includes('\\')) return `'${quoted}'`;
  const escaped = quoted
    .replaceAll('\\', '\\\\')
    .replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `E'${escaped}'`;
}

function sqlValue(value: Json | undefined, type: ColumnType): string {
  if (value === null || value === undefined) return 'NULL';
  if (type === 'json') return `${sqlText(canonicalize(value))}::jsonb`;
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number') return type === 'string' ? sqlText(String(value)) : String(value);
  return sqlText(typeof value === 'string' ? value : canonicalize(value));
}

/** `CREATE TABLE` of one declared table: typed columns, primary key, unique constraints. */
export function createTable(table: Table): string {
  const lines = table.columns.map((column) => {
    const isRequired = !column.nullable || column.name === table.primaryKey;
    return `  ${sqlName(column.name)} ${SQL_TYPES[column.type]}${isRequired ? ' NOT NULL' : ''}`;
  });
  lines.push(`  PRIMARY KEY (${sqlName(table.primaryKey)})`);
  for (const columns of table.unique ?? []) lines.push(`  UNIQUE (${columns.map(sqlName).join(', ')})`);
  return `CREATE TABLE ${sqlName(table.name)} (\n${lines.join(',\n')}\n);\n`;
}

function insertRow(table: Table, row: TableRow): string {
  const names = table.columns.map((column) => sqlName(column.name)).join(', ');
  const values = table.columns.map((column) => sqlValue(row[column.name], column.type)).join(', ');
  return `INSERT INTO ${sqlName(table.name)} (${names}) VALUES (${values});\n`;
}

/** The script that PostgreSQL runs on an empty volume: tables by name, then their initial rows, in one transaction. */
export function sqlScript(tables: readonly Table[], rows: readonly StoredRow[]): string {
  const ordered = [...tables].sort((a, b) => (a.name < b.name ? -1 : 1));
  let text = '-- Made by Servarium from the declared tables; runs once, when the volume is empty.\nBEGIN;\n';
  for (const table of ordered) {
    text += createTable(table);
    for (const row of rows) if (row.table === table.name) text += insertRow(table, row.row as TableRow);
  }
  return `${text}COMMIT;\n`;
}

/** The script that mongosh runs on an empty volume: collections, unique indexes, initial documents; `_id` is the primary key. */
export function mongoScript(tables: readonly Table[], rows: readonly StoredRow[]): string {
  const ordered = [...tables].sort((a, b) => (a.name < b.name ? -1 : 1));
  let text = '// Made by Servarium from the declared collections; runs once, when the volume is empty.\n';
  const literal = (value: Json): string =>
    canonicalize(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  for (const table of ordered) {
    const collection = `db.getCollection(${literal(table.name)})`;
    text += `db.createCollection(${literal(table.name)});\n`;
    for (const columns of table.unique ?? []) {
      text += `${collection}.createIndex(${literal(Object.fromEntries(columns.map((name) => [name, 1])))}, { unique: true });\n`;
    }
    const documents = rows
      .filter((row) => row.table === table.name)
      .map((row) => ({ _id: (row.row as TableRow)[table.primaryKey] ?? null, ...(row.row as TableRow) }));
    if (documents.length > 0) text += `${collection}.insertMany(${literal(documents)});\n`;
  }
  return text;
}
