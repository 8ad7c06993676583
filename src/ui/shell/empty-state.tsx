import { ArrowRight } from 'lucide-react';
import { TEMPLATES } from '../../app/commands/document-commands.ts';
import { Button } from '../kit/button.tsx';
import { Icon } from '../kit/icon.tsx';
import { Kbd } from '../kit/kbd.tsx';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './empty-state.module.css';

/** Nothing on the canvas: says the next step. */
export function EmptyState() {
  const { commands } = useServices();
  const { t } = useText();
  const [before = '', between = '', after = ''] = t('empty.body', { key: '|', play: '|' }).split('|');
  return (
    <div className={styles.layer}>
      <div className={styles.card}>
        <Sketch />
        <h2 className={styles.title}>{t('empty.title')}</h2>
        <p className={styles.body}>
          {before}
          <Kbd shortcut="Slash" isSpoken />
          {between}
          <kbd className={styles.key}>{t('empty.space')}</kbd>
          {after}
        </p>
        <div className={styles.actions}>
          <Button look="primary" large onClick={() => commands.perform('add.starter')}>
            <Icon name="add" />
            {t('empty.start')}
          </Button>
          <Button large onClick={() => commands.perform('document.open')}>
            <Icon name="open" />
            {t('empty.import')}
          </Button>
        </div>
        <p className={styles.or}>{t('empty.or')}</p>
        {TEMPLATES.map(({ name, label, explain }) => (
          <button
            key={name}
            type="button"
            className={styles.template}
            onClick={() => commands.perform(`document.template.${name}`)}
          >
            <Icon name="templates" />
            <span className={styles.templateName}>
              {t(label)}
              <small>{t(explain)}</small>
            </span>
            <ArrowRight size={16} aria-hidden="true" />
          </button>
        ))}
      </div>
    </div>
  );
}

function Sketch() {
  return (
    <svg width="302" height="46" viewBox="0 0 302 46" aria-hidden="true">
      <g fill="none" stroke="var(--line-3)" strokeDasharray="4 3">
        <rect x=".5" y=".5" width="84" height="44" rx="8" />
        <rect x="108.5" y=".5" width="84" height="44" rx="8" />
        <rect x="216.5" y=".5" width="84" height="44" rx="8" />
      </g>
      <path d="M85 22.5h24M193 22.5h24" stroke="var(--p-http)" strokeWidth="2.4" />
    </svg>
  );
}
