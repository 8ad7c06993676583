import { X } from 'lucide-react';
import { useState } from 'react';
import type { Json } from '../../../core/base/json.ts';
import type { Problem } from '../../../core/base/result.ts';
import type { NodeOf, Table } from '../../../core/topology/schema/types.ts';
import { freeId } from '../../../core/topology/wiring/default-behaviour.ts';
import { IconButton } from '../../kit/button.tsx';
import { useProblemWords } from '../../text/problem-words.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, SelectField, TextField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import { RestartField } from '../number-field.tsx';
import fieldStyles from '../fields.module.css';
import styles from '../inspector.module.css';
import { withoutUndefined } from '../record.ts';
import { Cell } from '../record-fields.tsx';
import { AddButton, Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';

type Config = NodeOf<'database'>['config'];
type Column = Table['columns'][number];
const TYPES = ['string', 'int', 'number', 'bool', 'time', 'json'] as const;
/** Engines that run here and go home; the schema knows more. */
const ENGINES = [
  { value: 'postgresql', label: 'PostgreSQL' },
  { value: 'mongodb', label: 'MongoDB' },
] as const;

/** A database: its tables (collections) with their columns and first rows. */
export function DatabaseForm({ id, node }: { id: string; node: NodeOf<'database'> }) {
  const { t } = useText();
  const { set, patch } = useConfig<'database'>(id);
  const { engine, tables, rows, restartDelayMs } = node.config;
  const changeTable = (index: number, next: Table) => {
    const former = tables[index];
    const renamed = former && former.name !== next.name;
    const { [former?.name ?? '']: own, ...others } = rows;
    return patch({
      tables: tables.map((known, at) => (at === index ? withoutUndefined(next) : known)),
      ...(renamed && own && { rows: { ...others, [next.name]: own } }),
    });
  };
  const makeTable = (): Table => {
    const name = freeId('items', new Set(tables.map((table) => table.name))).replaceAll('-', '_');
    return { name, columns: [{ name: 'id', type: 'string', nullable: false }], primaryKey: 'id' };
  };
  return (
    <>
      <Section title={t(engine === 'mongodb' ? 'database.collections' : 'database.tables')}>
        <ListField
          items={tables}
          keyOf={(table) => table.name}
          nameOf={(table) => table.name}
          titleOf={(table) => (
            <>
              <span>{table.name}</span>
              <span className={styles.dim}>{table.columns.map((column) => column.name).join(', ')}</span>
            </>
          )}
          isOrdered={false}
          onChange={set('tables')}
          onRemove={(table) => {
            const { [table.name]: _, ...others } = rows;
            return patch({ tables: tables.filter((known) => known !== table), rows: others });
          }}
          add={{ label: t(engine === 'mongodb' ? 'database.addCollection' : 'database.addTable'), make: makeTable }}
        >
          {(table, _, index) => (
            <TableFields
              table={table}
              rows={rows[table.name] ?? []}
              onChange={(next) => changeTable(index, next)}
              onRows={(next) => patch({ rows: { ...rows, [table.name]: next } })}
            />
          )}
        </ListField>
      </Section>
      <Section title={t('section.instances')}>
        <SelectField
          label={t('database.engine')}
          value={engine}
          options={ENGINES}
          onCommit={set('engine') as Commit<string>}
        />
        <RestartField value={restartDelayMs} onCommit={set('restartDelayMs')} />
      </Section>
    </>
  );
}

interface TableFieldsProps {
  table: Table;
  rows: Config['rows'][string];
  onChange: Commit<Table>;
  onRows: Commit<Config['rows'][string]>;
}

function TableFields({ table, rows, onChange, onRows }: TableFieldsProps) {
  const { t } = useText();
  const say = useProblemWords();
  const [problem, setProblem] = useState<Problem | null>(null);
  const columns = (next: Column[]) => setProblem(onChange({ ...table, columns: next }));
  return (
    <>
      <TextField label={t('field.name')} value={table.name} isMono onCommit={(name) => onChange({ ...table, name })} />
      <div className={styles.columns}>
        <span>{t('database.column')}</span>
        <span>{t('database.type')}</span>
        <span>{t('database.nullable')}</span>
        <span />
      </div>
      {table.columns.map((column, index) => (
        <ColumnRow
          key={column.name}
          column={column}
          onChange={(next) => columns(table.columns.map((known, at) => (at === index ? next : known)))}
          onRemove={() => columns(table.columns.filter((known) => known !== column))}
        />
      ))}
      {problem && <p className={fieldStyles.problem}>{say(problem).says}</p>}
      <AddButton
        label={t('database.addColumn')}
        onClick={() => {
          const name = freeId('column', new Set(table.columns.map((column) => column.name))).replaceAll('-', '_');
          columns([...table.columns, { name, type: 'string', nullable: true }]);
        }}
      />
      <SelectField
        label={t('database.primaryKey')}
        value={table.primaryKey}
        options={table.columns.map(({ name }) => ({ value: name, label: name }))}
        onCommit={(primaryKey) => onChange({ ...table, primaryKey })}
      />
      <JsonField
        label={t('database.unique')}
        tip={t('database.unique.tip')}
        value={table.unique}
        isOptional
        onCommit={(unique) => onChange({ ...table, unique } as Table)}
      />
      <JsonField
        label={t('database.rows')}
        tip={t('database.rows.tip')}
        value={rows as Json}
        onCommit={(next) => onRows((next ?? []) as Config['rows'][string])}
      />
    </>
  );
}

function ColumnRow({
  column,
  onChange,
  onRemove,
}: {
  column: Column;
  onChange: (next: Column) => void;
  onRemove: () => void;
}) {
  const { t } = useText();
  return (
    <div className={styles.columns}>
      <Cell label={t('database.column')} value={column.name} onCommit={(name) => onChange({ ...column, name })} />
      <select
        aria-label={t('database.type')}
        value={column.type}
        onChange={(event) => onChange({ ...column, type: event.target.value as Column['type'] })}
      >
        {TYPES.map((type) => (
          <option key={type}>{type}</option>
        ))}
      </select>
      <input
        type="checkbox"
        aria-label={t('database.nullable')}
        checked={column.nullable}
        onChange={(event) => onChange({ ...column, nullable: event.target.checked })}
      />
      <IconButton label={t('list.remove', { name: column.name })} onClick={onRemove}>
        <X size={12} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
