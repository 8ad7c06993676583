import type { Command } from '../../../app/commands/command.ts';
import { shortcutKeys } from '../../../app/commands/shortcut.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Kbd } from '../../kit/kbd.tsx';
import { IS_MAC } from '../../kit/platform.ts';
import { wordsOf } from '../../kit/use-command.ts';
import { useServices } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import styles from './help-dialog.module.css';

const GROUPS = ['run', 'edit', 'view', 'node', 'document', 'add'] as const;

/** Every shortcut, from the same commands that they call; and what is real here. */
export function HelpDialog() {
  const { commands, view } = useServices();
  const texts = useText();
  const { t } = texts;
  // What has no name now (no document gives one) is left out; what is only impossible now stays.
  const hasName = ({ values, when }: Command) => values === undefined || (when?.() ?? true);
  const bound = commands.all().filter((command) => (command.shortcuts?.length ?? 0) > 0 && hasName(command));
  const shown = bound.filter((command, index) => bound.findIndex((other) => other.label === command.label) === index);
  return (
    <Dialog title={t('help.title')} width={760} isText onClose={() => view.openDialog(null)}>
      <div className={styles.body}>
        <section>
          <h3 className={styles.heading}>{t('help.real')}</h3>
          <p className={styles.real}>{t('help.real.1')}</p>
          <p className={styles.real}>{t('help.real.2')}</p>
        </section>
        <h3 className={styles.heading}>{t('help.shortcuts')}</h3>
        <div className={styles.columns}>
          {GROUPS.map((group) => {
            const list = shown.filter((command) => command.group === group);
            if (list.length === 0) return null;
            return (
              <section key={group} className={styles.group}>
                <h4>{t(`command.group.${group}`)}</h4>
                {list.map((command) => (
                  <Row key={command.id} command={command} label={wordsOf(texts, command.label, command.values?.())} />
                ))}
              </section>
            );
          })}
          <section className={styles.group}>
            <h4>{t('canvas.label')}</h4>
            <p className={styles.row}>
              <span>{t('help.pan')}</span>
              <span>{t('help.key.drag')}</span>
            </p>
            <p className={styles.row}>
              <span>{t('help.marquee')}</span>
            </p>
            <p className={styles.row}>
              <span>{t('help.copy')}</span>
            </p>
          </section>
        </div>
      </div>
    </Dialog>
  );
}

function Row({ command, label }: { command: Command; label: string }) {
  return (
    <p className={styles.row}>
      <span>{label.replace(/\s*…?$/, '')}</span>
      <span className={styles.keys}>
        {distinct(command.shortcuts ?? []).map((keys) => (
          <Kbd key={keys} shortcut={keys} isSpoken />
        ))}
      </span>
    </p>
  );
}

/** At most two shortcuts that look different: the number pad's keys look like the others. */
function distinct(shortcuts: readonly string[]): string[] {
  const byLook = new Map(shortcuts.map((keys) => [shortcutKeys(keys, IS_MAC).join(' '), keys]));
  return [...byLook.values()].slice(0, 2);
}
