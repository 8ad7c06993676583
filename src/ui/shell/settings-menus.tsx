import { CircleQuestionMark, Ellipsis, Moon, Sun, SunMoon } from 'lucide-react';
import { Button } from '../kit/button.tsx';
import { CommandButton } from '../kit/command-button.tsx';
import { IconMenu, MenuButton, type MenuEntry } from '../kit/menu.tsx';
import { menuEntries } from '../kit/use-command.ts';
import { useServices, useView } from '../services.tsx';
import { LANGUAGES } from '../text/catalogue.ts';
import { useText } from '../text/use-text.tsx';

function useLanguageEntries(): () => MenuEntry[] {
  const { view } = useServices();
  const language = useView((state) => state.language);
  return () =>
    LANGUAGES.map(({ id, label }) => ({
      kind: 'item',
      id,
      label,
      isChecked: id === language,
      perform: () => view.setLanguage(id),
    }));
}
function useThemeEntries(): () => MenuEntry[] {
  const { view } = useServices();
  const { t } = useText();
  const theme = useView((state) => state.theme);
  return () =>
    (['system', 'light', 'dark'] as const).map((id) => ({
      kind: 'item',
      id,
      label: t(`app.theme.${id}`),
      isChecked: id === theme,
      perform: () => view.setTheme(id),
    }));
}

/** In a narrow bar: everything that has no room of its own. */
export function MoreMenu() {
  const { commands } = useServices();
  const texts = useText();
  const language = useLanguageEntries();
  const theme = useThemeEntries();
  const entries = (): MenuEntry[] => [
    ...menuEntries(['edit.undo', 'edit.redo', '-', 'document.export', 'view.commands'], commands, texts),
    { kind: 'separator', id: '-language' },
    { kind: 'heading', id: 'language', label: texts.t('app.language') },
    ...language(),
    { kind: 'heading', id: 'theme', label: texts.t('app.theme') },
    ...theme(),
    { kind: 'separator', id: '-help' },
    ...menuEntries(['view.help'], commands, texts),
  ];
  return (
    <IconMenu entries={entries} align="end" label={texts.t('app.more')}>
      <Ellipsis size={16} aria-hidden="true" />
    </IconMenu>
  );
}

/** The language of the interface. */
export function LanguageMenu() {
  const { t } = useText();
  const language = useView((state) => state.language);
  const entries = useLanguageEntries();
  return (
    <MenuButton entries={entries} align="end">
      {({ onClick, isOpen }) => (
        <Button
          look="ghost"
          onClick={onClick}
          aria-label={t('app.language')}
          tip={t('app.language')}
          aria-haspopup="menu"
          aria-expanded={isOpen}
          isOn={isOpen}
        >
          {LANGUAGES.find((entry) => entry.id === language)?.short}
        </Button>
      )}
    </MenuButton>
  );
}

const THEMES = { system: SunMoon, light: Sun, dark: Moon } as const;

/** Light, dark, or as the system has it. */
export function ThemeMenu() {
  const { t } = useText();
  const theme = useView((state) => state.theme);
  const Drawing = THEMES[theme];
  const entries = useThemeEntries();
  return (
    <IconMenu entries={entries} align="end" label={t('app.theme')} shortcut="Shift+Alt+KeyD">
      <Drawing size={16} aria-hidden="true" />
    </IconMenu>
  );
}

/** Opens the help. */
export function HelpButton() {
  const { t } = useText();
  return (
    <CommandButton id="view.help" label={t('app.help')}>
      <CircleQuestionMark size={16} aria-hidden="true" />
    </CommandButton>
  );
}
