import type { ReactNode } from 'react';
import type { EjectionView, InstanceView } from '../../core/telemetry/view.ts';
import { useEjections, useInstances, useNodeView } from '../run/use-run.ts';
import { instanceTitle } from '../run/mark-words.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useText } from '../text/use-text.tsx';
import type { Texts } from '../text/texts.ts';
import styles from './faces.module.css';
import { declaredOnes, pipOf } from './health.ts';
import { Pip } from './pip.tsx';
import { arrangePips } from './pip-groups.ts';

/** One replica in words: state, version, why it takes no traffic, who gives it none, how often it went down. */
function pipWords(
  instance: InstanceView,
  out: EjectionView | undefined,
  title: (id: string) => string,
  { t, reason }: Texts,
): string {
  const words = [t(`state.${pipOf(instance)}`)];
  if (instance.version !== null) words.push(instance.version);
  if (instance.unready !== null) words.push(reason(instance.unready));
  if (out !== undefined)
    words.push(t('face.keptOut', { caller: instanceTitle(out.caller, title), reason: reason(out.reason) }));
  if (instance.crashes > 0) words.push(t('face.crashes', { count: instance.crashes }));
  return `${instanceTitle(instance.instance, title)}: ${words.join(', ')}`;
}

/** The replicas of a node; before a run as many hollow ones as are configured. Many are counted by state; versions are named when two of them run. */
export function Pips({ node, replicas, size = 10 }: { node: string; replicas: number; size?: number }) {
  const instances = declaredOnes(useInstances(node), replicas);
  const ejections = useEjections(node);
  const outOf = (id: string): EjectionView | undefined => ejections.find(({ instance }) => instance === id);
  const texts = useText();
  const { t, number } = texts;
  const title = useTitles();
  if (instances.length === 0) {
    const hollow = replicas > 5 ? 1 : replicas;
    return (
      <span className={styles.pips}>
        {Array.from({ length: hollow }, (_, ordinal) => (
          <Pip
            key={ordinal}
            state="idle"
            size={size}
            label={`${instanceTitle(`${node}#${ordinal}`, title)}: ${t('state.idle')}`}
          />
        ))}
        {hollow < replicas && <span className={styles.version}>{number(replicas)}</span>}
      </span>
    );
  }
  return (
    <span className={styles.pips}>
      {arrangePips(instances).map(({ pips, label }) => (
        <span key={pips[0]?.id ?? ''} className={styles.pips}>
          {pips.map((pip) => (
            <Pip
              key={pip.id}
              state={pip.instance !== null && pip.state === 'passing' && outOf(pip.id) ? 'warning' : pip.state}
              size={size}
              label={
                pip.instance === null ? t(`state.${pip.state}`) : pipWords(pip.instance, outOf(pip.id), title, texts)
              }
            />
          ))}
          {label !== null && (
            <span className={styles.version}>{typeof label === 'number' ? number(label) : label}</span>
          )}
        </span>
      ))}
    </span>
  );
}

/** One line: words at the left, a figure at the right. */
export function Pair({ label, children, tip }: { label: ReactNode; children: ReactNode; tip?: string }) {
  return (
    <div className={styles.pair} data-tip={tip}>
      <span className={styles.cut}>{label}</span>
      <b>{children}</b>
    </div>
  );
}

/** Tries that a caller made after the first ones, and those that were forbidden, as the log counts them. */
export function Retries({ node }: { node: string }) {
  const { t, number } = useText();
  const view = useNodeView(node);
  const refused = view?.retriesRefused ?? 0;
  return (
    <span className={styles.codes} data-tip={t('face.retriesTip')} data-testid={`retries-${node}`}>
      <span>
        {t('face.retries')} <b>{number(view?.retries ?? 0)}</b>
      </span>
      <span>
        {t('face.retriesRefused')} <b data-limited={refused > 0}>{number(refused)}</b>
      </span>
    </span>
  );
}
