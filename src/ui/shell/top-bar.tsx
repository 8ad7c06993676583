import { Check, Download, Menu, Search } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { renameDocument } from '../../app/commands/edit-actions.ts';
import { Button } from '../kit/button.tsx';
import { CommandButton } from '../kit/command-button.tsx';
import { afterFirstDots } from '../kit/first-dots.ts';
import { Kbd } from '../kit/kbd.tsx';
import { IconMenu, type MenuEntry } from '../kit/menu.tsx';
import { menuEntries, useCommand } from '../kit/use-command.ts';
import { useDocument, useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { HelpButton, LanguageMenu, MoreMenu, ThemeMenu } from './settings-menus.tsx';
import styles from './top-bar.module.css';

const MENU = [
  'document.new',
  'document.open',
  '-',
  'document.template.order-saga',
  'document.template.storefront-calls',
  '-',
  'document.takeOver',
  'document.list',
  'document.versions',
  'document.copy',
  '-',
  'document.runButtons',
  '-',
  'document.save',
  'document.import',
  'document.export',
  '-',
  'view.commands',
  'view.help',
];

/** Entries before the documents that this browser keeps. */
const FIRST = 2;

/** The bar: menu and name at the left, the run in the middle, export and settings at the right. */
export function TopBar({ runBar }: { runBar: ReactNode }) {
  const { t } = useText();
  return (
    <header className={styles.bar} aria-label={t('app.region.bar')}>
      <div className={styles.side}>
        <MainMenu />
        <DocumentName />
        <SavedState />
        <span className={styles.roomy}>
          <span className={styles.line} />
          <CommandButton id="edit.undo" />
          <CommandButton id="edit.redo" />
        </span>
      </div>
      <div className={styles.run}>{runBar}</div>
      <div className={styles.side} data-end="true">
        <span className={styles.commands}>
          <CommandsButton />
        </span>
        <span className={styles.roomy}>
          <ExportButton />
        </span>
        <span className={styles.roomy}>
          <span className={styles.line} />
          <LanguageMenu />
          <ThemeMenu />
          <HelpButton />
        </span>
        <span className={styles.narrow}>
          <MoreMenu />
        </span>
      </div>
    </header>
  );
}

function MainMenu() {
  const texts = useText();
  const { commands, files } = useServices();
  const open = useDocument((state) => state.document.id);
  const [recent, setRecent] = useState<readonly { id: string; name: string }[]>([]);
  useEffect(() => {
    let isWanted = true;
    void afterFirstDots(() => files.recent()).then((found) => isWanted && setRecent(found));
    return () => {
      isWanted = false;
    };
  }, [files, open]);
  const entries = (): MenuEntry[] => {
    const known = recent.map(({ id, name }): MenuEntry => ({
      kind: 'item',
      id: `recent-${id}`,
      icon: 'document',
      label: texts.t('command.openRecent', { name }),
      perform: () => void files.open({ kind: 'stored', id, name }),
    }));
    return [
      ...menuEntries(MENU.slice(0, FIRST), commands, texts),
      ...known,
      { kind: 'separator', id: '-recent' },
      ...menuEntries(MENU.slice(FIRST), commands, texts),
    ];
  };
  return (
    <IconMenu entries={entries} label={texts.t('app.menu')}>
      <Menu size={16} aria-hidden="true" />
    </IconMenu>
  );
}

function DocumentName() {
  const services = useServices();
  const { t } = useText();
  const name = useDocument((state) => state.document.name);
  const [draft, setDraft] = useState<string | null>(null);
  const finish = (text: string) => {
    setDraft(null);
    const next = text.trim();
    if (next !== '' && next !== name) renameDocument(services, next);
  };
  return (
    <input
      className={styles.name}
      aria-label={t('app.documentName')}
      data-tip={name}
      value={draft ?? name}
      size={Math.max(6, Math.min(28, (draft ?? name).length + 1))}
      maxLength={120}
      spellCheck={false}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={(event) => draft !== null && finish(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setDraft(null);
      }}
    />
  );
}

const SAVED = {
  saved: 'app.saved',
  saving: 'app.saving',
  unsaved: 'app.notSaved',
  failed: 'app.unsaved',
  readonly: 'app.readOnly',
} as const;

function SavedState() {
  const { t } = useText();
  const saved = useDocument((state) => state.saved);
  return (
    <span className={styles.saved} data-saved={saved} data-tip={t(SAVED[saved])} data-testid="saved">
      {saved === 'saved' && <Check size={12} aria-hidden="true" />}
      <span className={styles.word}>{t(SAVED[saved])}</span>
    </span>
  );
}

function CommandsButton() {
  const command = useCommand('view.commands');
  if (!command) return null;
  return (
    <Button
      look="ghost"
      onClick={command.perform}
      shortcut={command.shortcut}
      tip={command.label}
      aria-label={command.label}
    >
      <Search size={13} aria-hidden="true" />
      <span className={styles.wide}>{command.label}</span>
      {command.shortcut && (
        <span className={styles.wide}>
          <Kbd shortcut={command.shortcut} />
        </span>
      )}
    </Button>
  );
}

function ExportButton() {
  const command = useCommand('document.export');
  const { t } = useText();
  if (!command) return null;
  return (
    <Button onClick={command.perform} shortcut={command.shortcut} disabledReason={command.disabledReason}>
      <Download size={14} aria-hidden="true" />
      {t('app.export')}
    </Button>
  );
}
