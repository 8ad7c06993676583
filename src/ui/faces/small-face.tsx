import type { TopologyNode } from '../../core/topology/schema/types.ts';
import { Icon } from '../kit/icon.tsx';
import { useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { Pips } from './face-parts.tsx';
import { titleOf, type DetailLevel } from './face.ts';
import { faceOf } from './faces.ts';
import type { NodeHealth } from './health.ts';
import { Pip } from './pip.tsx';
import styles from './small-face.module.css';

/** Below 75 %: name and pips at a fixed size on screen; below 35 %: a chip with a name. */
export function SmallFace({
  id,
  node,
  level,
  state,
}: {
  id: string;
  node: TopologyNode;
  level: DetailLevel;
  state: NodeHealth;
}) {
  const { t } = useText();
  const isTroubled = state === 'warning' || state === 'critical' || state === 'dead';
  if (level === 'chip') {
    return (
      <div className={styles.chip} data-state={state}>
        {isTroubled && <Pip state={state} size={9} label={t(`state.${state}`)} />}
        <span className={styles.cut}>{titleOf(node)}</span>
      </div>
    );
  }
  const replicas = 'replicas' in node.config ? node.config.replicas : 1;
  return (
    <div className={styles.mid} data-store={faceOf(node).isStore}>
      <span className={styles.midName}>
        <Icon name={faceOf(node).icon(node)} size={12} />
        <span className={styles.cut}>{titleOf(node)}</span>
      </span>
      {!faceOf(node).isStore && (
        <span className={styles.midRow}>
          <Pips node={id} replicas={replicas} />
          {isTroubled && state !== 'dead' && <Pip state={state} label={t(`state.${state}`)} />}
          <MidFigure id={id} node={node} />
        </span>
      )}
    </div>
  );
}

/** The one figure of a kind that says most about what it is doing. */
function MidFigure({ id, node }: { id: string; node: TopologyNode }) {
  const { number } = useText();
  const figure = useRun(({ view }) => {
    if (node.kind === 'gateway' || node.kind === 'client') return view.nodes.get(id)?.handled ?? 0;
    let count = 0;
    if (node.kind === 'broker') {
      for (const queue of view.queues.values()) if (queue.broker === id) count += queue.ready + queue.unacked;
    } else if (node.kind === 'registry') {
      for (const entry of view.registry.values()) if (entry.registry === id && entry.status === 'passing') count += 1;
    } else return null;
    return count;
  });
  return figure === null ? null : <span className={styles.midFigure}>{number(figure)}</span>;
}
