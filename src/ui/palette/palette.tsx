import { PanelLeftOpen, Search } from 'lucide-react';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { addPreset } from '../../app/commands/edit-actions.ts';
import { PALETTE_ITEMS, type PaletteCategory, type PaletteItem } from '../../app/commands/palette-items.ts';
import { IconButton } from '../kit/button.tsx';
import { filterItems } from '../kit/filter-items.ts';
import { Icon } from '../kit/icon.tsx';
import { Kbd } from '../kit/kbd.tsx';
import { wordsOf } from '../kit/use-command.ts';
import { useServices, useView } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './palette.module.css';
import { usePaletteDrag } from './use-palette-drag.tsx';

const CATEGORIES: readonly PaletteCategory[] = ['traffic', 'entry', 'services', 'data', 'messaging'];

/** What can be put on the canvas: drag it there, press it, or type and press Enter. */
export function Palette({ isRail }: { isRail: boolean }) {
  return isRail ? <Rail /> : <FullPalette />;
}

function useAdd() {
  const services = useServices();
  return (item: PaletteItem) => addPreset(services, item.preset, null);
}

function FullPalette() {
  const texts = useText();
  const { t } = texts;
  const [query, setQuery] = useState('');
  const [isLong, setLong] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const add = useAdd();
  const drag = usePaletteDrag();
  const found = useMemo(() => search(query, (key) => wordsOf(texts, key)), [query, texts]);
  const rare = PALETTE_ITEMS.filter((item) => item.category === 'services' && item.isRare).length;

  const onFieldKey = (event: KeyboardEvent) => {
    const first = found[0];
    if (event.key === 'Enter' && first && query !== '') {
      add(first);
      setQuery('');
    } else if (event.key === 'Escape') {
      setQuery('');
      field.current?.blur();
    } else if (event.key === 'ArrowDown') list.current?.querySelector('button')?.focus();
    else return;
    event.preventDefault();
  };
  const onListKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const index = buttons.indexOf(event.target as HTMLButtonElement) + (event.key === 'ArrowDown' ? 1 : -1);
    if (index < 0) field.current?.focus();
    else buttons[index]?.focus();
    event.preventDefault();
  };

  return (
    <div className={styles.palette}>
      <div className={styles.field}>
        <Search size={14} aria-hidden="true" />
        <input
          ref={field}
          data-palette-search
          value={query}
          placeholder={t('palette.search')}
          aria-label={t('palette.search')}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={onFieldKey}
        />
        <Kbd shortcut="Slash" />
      </div>
      {/* Arrow keys move between its buttons. */}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div ref={list} className={styles.list} onKeyDown={onListKey}>
        {CATEGORIES.map((category) => {
          const all = found.filter((item) => item.category === category);
          const items = query !== '' || isLong ? all : all.filter((item) => !item.isRare);
          if (items.length === 0) return null;
          return (
            <section key={category} aria-label={t(`palette.${category}`)}>
              <h3>{t(`palette.${category}`)}</h3>
              {items.map((item) => (
                <button
                  key={item.preset}
                  type="button"
                  className={styles.item}
                  data-preset={item.preset}
                  onPointerDown={(event) => drag.start(event, item)}
                  onClick={() => drag.wasDragged() || add(item)}
                >
                  <Icon name={item.icon} />
                  {wordsOf(texts, item.label)}
                </button>
              ))}
              {category === 'services' && query === '' && (
                <button type="button" className={styles.more} onClick={() => setLong(!isLong)} aria-expanded={isLong}>
                  {isLong ? t('palette.fewer') : t('palette.more', { count: rare })}
                </button>
              )}
            </section>
          );
        })}
        {found.length === 0 && <p className={styles.empty}>{t('palette.empty')}</p>}
      </div>
      {drag.ghost}
    </div>
  );
}

function search(query: string, words: (key: string) => string): PaletteItem[] {
  const byPreset = new Map(PALETTE_ITEMS.map((item) => [item.preset, item]));
  const items = PALETTE_ITEMS.map((item) => ({ id: item.preset, label: words(item.label), keywords: item.preset }));
  return filterItems(items, query).flatMap(({ id }) => byPreset.get(id) ?? []);
}

const RAIL = ['client-web', 'gateway', 'registry', 'blank', 'database-table', 'broker'];

function Rail() {
  const texts = useText();
  const { view, commands } = useServices();
  const isOpen = useView((state) => state.panels.palette.open);
  const palette = useView((state) => state.panels.palette);
  const add = useAdd();
  const drag = usePaletteDrag();
  return (
    <div className={styles.rail}>
      <IconButton
        large
        label={texts.t('command.findPalette')}
        shortcut="Slash"
        onClick={() => commands.perform('view.add')}
      >
        <Search size={16} aria-hidden="true" />
      </IconButton>
      <span className={styles.line} />
      {PALETTE_ITEMS.filter((item) => RAIL.includes(item.preset)).map((item) => (
        <IconButton
          key={item.preset}
          large
          label={texts.t('palette.add', { name: wordsOf(texts, item.label) })}
          data-preset={item.preset}
          onPointerDown={(event) => drag.start(event, item)}
          onClick={() => drag.wasDragged() || add(item)}
        >
          <Icon name={item.icon} />
        </IconButton>
      ))}
      {!isOpen && (
        <>
          <span className={styles.line} />
          <IconButton
            large
            label={texts.t('palette.expand')}
            onClick={() => view.setPanels({ palette: { ...palette, open: true } })}
          >
            <PanelLeftOpen size={16} aria-hidden="true" />
          </IconButton>
        </>
      )}
      {drag.ghost}
    </div>
  );
}
