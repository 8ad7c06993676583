import { ArrowLeft, ArrowRight, Spline } from 'lucide-react';
import { nameOf } from '../../app/commands/edit-actions.ts';
import { Button } from '../kit/button.tsx';
import { useDocument, useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './inspector.module.css';
import { Section } from './section.tsx';

/** The links of a node, for choosing and drawing them without a pointer. */
export function LinksTab({ id }: { id: string }) {
  const { view, commands } = useServices();
  const { t } = useText();
  const document = useDocument((state) => state.document);
  const links = Object.entries(document.links).filter(([, link]) => link.from.node === id || link.to.node === id);
  return (
    <Section title={t('inspector.links')}>
      {links.length === 0 && <p className={styles.dim}>{t('canvas.nothingHere')}</p>}
      {links.map(([link, { kind, from, to }]) => {
        const isOut = from.node === id;
        const other = document.nodes[isOut ? to.node : from.node];
        return (
          <div key={link} className={styles.row}>
            <button type="button" className={styles.rowButton} onClick={() => view.select({ links: [link] })}>
              {isOut ? <ArrowRight size={13} aria-hidden="true" /> : <ArrowLeft size={13} aria-hidden="true" />}
              <span>{nameOf(other)}</span>
              <span className={styles.dim}>{t(`link.${kind}`)}</span>
            </button>
          </div>
        );
      })}
      <Button onClick={() => commands.perform('edit.connect')} shortcut="KeyL">
        <Spline size={13} aria-hidden="true" />
        {t('command.connect')}
      </Button>
    </Section>
  );
}
