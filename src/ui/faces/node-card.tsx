import { CircleX, Skull, TriangleAlert } from 'lucide-react';
import type { TopologyNode } from '../../core/topology/types.ts';
import { Icon } from '../kit/icon.tsx';
import { useInstances, useNodeFailure, useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { useWriteFlash } from './database-face.tsx';
import { Pips } from './face-parts.tsx';
import { titleOf, type DetailLevel } from './face.ts';
import { faceOf } from './faces.ts';
import styles from './faces.module.css';
import { declaredOnes, healthOf, replicasOf, type NodeHealth } from './health.ts';
import { Pip } from './pip.tsx';

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
  const instances = declaredOnes(useInstances(id), replicasOf(node));
  const failure = useNodeFailure(id);
  const isFlashing = useWriteFlash(id);
  const live = healthOf(instances, failure, texts);
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
        <div className={styles.reason} data-tone={health.state} data-testid={`reason-${id}`}>
          <ReasonIcon state={health.state} />
          <span>{health.reason}</span>
        </div>
      )}
      <span className="visually-hidden">{texts.t(`state.${health.state}`)}</span>
    </div>
  );
}

/** Below 75 %: name and pips at a fixed size on screen; below 35 %: a chip with a name. */
function SmallFace({
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
      <div className={styles.chip}>
        {isTroubled && <Pip state={state} size={9} label={t(`state.${state}`)} />}
        <span className={styles.cut}>{titleOf(node)}</span>
      </div>
    );
  }
  const replicas = 'replicas' in node.config ? node.config.replicas : 1;
  return (
    <div className={styles.mid}>
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

function ReasonIcon({ state }: { state: NodeHealth }) {
  if (state === 'dead') return <Skull size={12} strokeWidth={1.75} aria-hidden="true" />;
  if (state === 'critical') return <CircleX size={12} strokeWidth={1.75} aria-hidden="true" />;
  return <TriangleAlert size={12} strokeWidth={1.75} aria-hidden="true" />;
}
