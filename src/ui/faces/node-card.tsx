import type { TopologyNode } from '../../core/topology/schema/types.ts';
import { Icon } from '../kit/icon.tsx';
import { useText } from '../text/use-text.tsx';
import { useWriteFlash } from './database-face.tsx';
import { titleOf, type DetailLevel } from './face.ts';
import { faceOf } from './faces.ts';
import styles from './faces.module.css';
import { Reason } from './reason.tsx';
import { SmallFace } from './small-face.tsx';
import { useHealth } from './use-health.ts';

interface NodeCardProps {
  id: string;
  node: TopologyNode;
  level: DetailLevel;
  isSelected: boolean;
  /** Why an edit of this node is not running yet, or null. */
  problem: string | null;
  /** The field that renames in place, instead of the name. */
  rename?: React.ReactNode;
}

/** The face of a node: header, what it is doing, and under it the reason when something is wrong. */
export function NodeCard({ id, node, level, isSelected, problem, rename }: NodeCardProps) {
  const texts = useText();
  const isFlashing = useWriteFlash(id);
  const live = useHealth(id, node);
  const health = problem && live.state !== 'critical' ? { state: 'warning' as const, reason: problem } : live;
  const { Body, Aside, icon, isStore } = faceOf(node);
  const title = titleOf(node);
  return (
    <div
      className={styles.node}
      data-kind={node.kind}
      data-state={health.state}
      data-level={level}
      data-store={isStore}
      data-selected={isSelected}
      data-flash={isFlashing}
      data-reason={health.reason !== null}
    >
      {level === 'full' ? (
        <>
          <div className={styles.head}>
            <Icon name={icon(node)} />
            {rename ?? <span className={styles.name}>{title}</span>}
            <span className={styles.aside}>
              <Aside id={id} node={node} />
            </span>
          </div>
          <Body id={id} node={node} />
        </>
      ) : (
        <SmallFace id={id} node={node} level={level} state={health.state} />
      )}
      {health.reason !== null && level !== 'chip' && (
        <Reason id={id} state={health.state} text={health.reason} level={level} />
      )}
      <span className="visually-hidden">{texts.t(`state.${health.state}`)}</span>
    </div>
  );
}
