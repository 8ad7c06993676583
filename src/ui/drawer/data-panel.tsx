import { Database } from 'lucide-react';
import { useMemo, useState } from 'react';
import { canonicalize } from '../../core/base/canonical.ts';
import type { Json } from '../../core/base/json.ts';
import { rowVersions, type RowVersion } from '../../core/telemetry/history.ts';
import type { TableRow } from '../../core/storage/types.ts';
import type { Table } from '../../core/topology/schema/types.ts';
import { Badge } from '../kit/badge.tsx';
import { formatTime, shortTrace } from '../run/format.ts';
import { useTitles, useTopology } from '../run/use-document-facts.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import own from './data-panel.module.css';
import { showDrawerTab } from './drawer-tab.ts';
import styles from './drawer.module.css';
import { EmptyState } from './empty-state.tsx';
import { FilterField } from './filter-field.tsx';
import { VirtualList } from './virtual-list.tsx';

interface StoreTables {
  store: string;
  owner: string | null;
  tables: Table[];
}

/** Databases of the document with their declared tables, in the order of the document. */
function useStores(): StoreTables[] {
  const { nodes, links } = useTopology();
  return useMemo(
    () =>
      Object.entries(nodes).flatMap(([store, node]) => {
        if (node.kind !== 'database') return [];
        const owner = Object.values(links).find((link) => link.kind === 'owns' && link.to.node === store)?.from.node;
        return [{ store, owner: owner ?? null, tables: node.config.tables }];
      }),
    [nodes, links],
  );
}

/** Every table at the shown time, its rows, and what changed the chosen row. */
export function DataPanel() {
  const run = useRunStore();
  const stores = useStores();
  const selected = useRun(({ selection }) => selection.row);
  const [chosen, setChosen] = useState<{ store: string; table: string } | null>(null);
  const first = stores.find((store) => store.tables.length > 0);
  const shown = selected ?? chosen ?? (first && { store: first.store, table: first.tables[0]?.name ?? '' });
  const table = stores.find(({ store }) => store === shown?.store)?.tables.find(({ name }) => name === shown?.table);
  if (shown === undefined || table === undefined) {
    return (
      <div className={styles.empty}>
        <EmptyState withDemo="data.empty" plain="data.emptyPlain" />
      </div>
    );
  }
  return (
    <div className={own.split} data-versions={selected !== null}>
      <Tree
        stores={stores}
        shown={shown}
        onChoose={(next) => {
          setChosen(next);
          run.select({ row: null });
        }}
      />
      <Rows key={`${shown.store}/${shown.table}`} store={shown.store} table={table} />
      {selected !== null && <Versions row={selected} />}
    </div>
  );
}

interface TreeProps {
  stores: readonly StoreTables[];
  shown: { store: string; table: string };
  onChoose: (table: { store: string; table: string }) => void;
}

function Tree({ stores, shown, onChoose }: TreeProps) {
  const { t, number } = useText();
  const title = useTitles();
  const tables = useRun(({ view }) => view.tables);
  return (
    <nav className={own.tree} aria-label={t('data.tables')}>
      {stores.map(({ store, owner, tables: declared }) => (
        <div key={store}>
          <p className={own.store}>
            <Database size={14} strokeWidth={1.75} aria-hidden="true" />
            <span className={styles.cut}>{title(store)}</span>
            {owner !== null && <span className={styles.dim}>{title(owner)}</span>}
          </p>
          {declared.map(({ name }) => (
            <button
              key={name}
              type="button"
              className={own.table}
              aria-current={shown.store === store && shown.table === name ? 'true' : undefined}
              onClick={() => onChoose({ store, table: name })}
            >
              <span className={styles.cut}>{name}</span>
              <span className={styles.dim}>{number(tables.get(`${store}/${name}`)?.size ?? 0)}</span>
            </button>
          ))}
        </div>
      ))}
    </nav>
  );
}

const cellText = (value: Json | undefined): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
};

function Rows({ store, table }: { store: string; table: Table }) {
  const run = useRunStore();
  const { t } = useText();
  const rows = useRun(({ view }) => view.tables.get(`${store}/${table.name}`));
  const selected = useRun(({ selection }) => selection.row);
  const past = useRun(({ seekT }) => seekT);
  const [filter, setFilter] = useState('');
  const shown = useMemo(() => {
    const words = filter.toLocaleLowerCase();
    const all = [...(rows ?? new Map<string, TableRow>())].map(([key, row]) => ({ key, row }));
    const found = words === '' ? all : all.filter(({ row }) => canonicalize(row).toLocaleLowerCase().includes(words));
    return found.reverse();
  }, [rows, filter]);
  const columns = { gridTemplateColumns: `repeat(${table.columns.length}, minmax(72px, 1fr))` };
  return (
    <div className={styles.main}>
      <div className={styles.head}>
        <b>{table.name}</b>
        <span>{t('data.rows', { count: rows?.size ?? 0 })}</span>
        <Badge tone="plain">{past === null ? t('data.kept') : t('data.at', { time: formatTime(past) })}</Badge>
        <span className={styles.grow} />
        <FilterField label={t('data.filter')} value={filter} onChange={setFilter} />
      </div>
      <div className={own.columns} style={columns} aria-hidden="true">
        {table.columns.map(({ name, type }) => (
          <span key={name} data-number={type === 'int' || type === 'number'}>
            {name}
          </span>
        ))}
      </div>
      <VirtualList
        items={shown}
        idOf={({ key }) => key}
        row={28}
        label={table.name}
        selected={selected?.key ?? null}
        onSelect={({ key }) => run.select({ row: { store, table: table.name, key } })}
        empty={<p>{t('data.noRows')}</p>}
        render={({ row }) => (
          <span className={own.cells} style={columns}>
            {table.columns.map(({ name, type }) => (
              <span key={name} data-number={type === 'int' || type === 'number'} data-key={name === table.primaryKey}>
                {cellText(row[name])}
              </span>
            ))}
          </span>
        )}
      />
    </div>
  );
}

function Versions({ row }: { row: { store: string; table: string; key: string } }) {
  const run = useRunStore();
  const { t } = useText();
  const { view } = useServices();
  const title = useTitles();
  const until = useRun(({ seekT }) => seekT);
  const value = useRun((snapshot) => snapshot.view.tables.get(`${row.store}/${row.table}`)?.get(row.key));
  const versions = useMemo(() => {
    // Read again whenever the row changes.
    void value;
    return rowVersions(run.events(), row, until ?? Infinity);
  }, [run, row, until, value]);
  return (
    <aside className={own.versions} aria-label={t('data.rowHistory', { key: row.key })}>
      <p className={own.versionsHead}>
        <span className={`${styles.mono} ${styles.cut}`}>{row.key.replaceAll('"', '')}</span>
        <span>{t('data.versions', { count: versions.length })}</span>
      </p>
      {versions.map((version) => {
        const { event, trace, writer } = version;
        return (
          <div key={`${event.source}:${event.seq}`} className={own.version}>
            <p>
              <span>{formatTime(event.t)}</span>
              <span className={styles.mono}>{verb(version)}</span>
              {trace === null ? (
                <span className={styles.dim}>{writer === null ? t('data.initial') : title(writer)}</span>
              ) : (
                <button
                  type="button"
                  className={styles.linkButton}
                  onClick={() => {
                    run.select({ traceId: trace.traceId, spanId: trace.spanId, row });
                    showDrawerTab('traces', view);
                  }}
                >
                  {writer === null ? '' : `${title(writer)} · `}
                  {shortTrace(trace.traceId)}
                </button>
              )}
            </p>
            <p data-undo={trace?.saga?.direction === 'compensation'}>{changes(version)}</p>
          </div>
        );
      })}
    </aside>
  );
}

const verb = ({ event }: RowVersion): string =>
  event.after === null ? 'DELETE' : event.before === null ? 'INSERT' : 'UPDATE';

/** Columns that a version changed: `status PENDING → CANCELLED`. */
function changes({ event: { before, after } }: RowVersion): string {
  if (after === null) return '';
  const names = Object.keys(after).filter(
    (name) => canonicalize(before?.[name] ?? null) !== canonicalize(after[name] ?? null),
  );
  return names
    .map((name) =>
      before === null
        ? `${name} ${cellText(after[name])}`
        : `${name} ${cellText(before[name]) || 'null'} → ${cellText(after[name]) || 'null'}`,
    )
    .join(', ');
}
