import type { ReactNode } from 'react';
import { useInstances } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import styles from './faces.module.css';
import { declaredOnes, pipOf } from './health.ts';
import { Pip } from './pip.tsx';

/** The replicas of a node; before a run as many hollow ones as are configured. */
export function Pips({ node, replicas, size }: { node: string; replicas: number; size?: number }) {
  const instances = declaredOnes(useInstances(node), replicas);
  const { t } = useText();
  const pips =
    instances.length > 0
      ? instances.map((instance) => ({ id: instance.instance, state: pipOf(instance) }))
      : Array.from({ length: replicas }, (_, ordinal) => ({ id: `${node}#${ordinal}`, state: 'idle' as const }));
  return (
    <span className={styles.pips}>
      {pips.map((pip) => (
        <Pip key={pip.id} state={pip.state} size={size ?? 10} label={`${pip.id}: ${t(`state.${pip.state}`)}`} />
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
