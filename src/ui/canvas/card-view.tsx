import { Handle, Position, useStore, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import type { DetailLevel } from '../faces/face.ts';
import { NodeCard } from '../faces/node-card.tsx';
import { useText } from '../text/use-text.tsx';
import { useView } from '../services.tsx';
import styles from './card.module.css';
import { useCanvasState } from './canvas-state.ts';
import { RenameField } from './rename-field.tsx';
import type { CardNode } from './to-flow.ts';

const SIDES = [
  ['right', Position.Right],
  ['left', Position.Left],
  ['top', Position.Top],
  ['bottom', Position.Bottom],
] as const;

const EVERYTHING = { has: () => true };

/** Below 75 % figures go, below 35 % only a name stays. */
export const levelOf = (zoom: number): DetailLevel => (zoom < 0.35 ? 'chip' : zoom < 0.75 ? 'mid' : 'full');

/** A node on the canvas: its face, and its ports. */
export const CardView = memo(function CardView({ id, data, selected }: NodeProps<CardNode>) {
  const level = useStore((state) => levelOf(state.transform[2]));
  const isRenaming = useView((view) => view.renaming === id);
  const isFar = useCanvasState(({ near, focused }) => !(focused ?? near ?? EVERYTHING).has(id));
  const { t } = useText();
  return (
    <div className={styles.card} data-node={id} data-far={isFar}>
      <NodeCard
        id={id}
        node={data.record}
        level={level}
        isSelected={selected ?? false}
        problem={data.problem}
        rename={isRenaming ? <RenameField record={id} value={data.record.title || data.record.name} /> : undefined}
      />
      {data.record.pinned && (
        <svg
          className={styles.pin}
          width="12"
          height="12"
          viewBox="0 0 12 12"
          role="img"
          aria-label={t('canvas.isPinned')}
          data-tip={t('canvas.isPinned')}
          data-testid={`pin-${id}`}
        >
          <path d="M6 7.5V11M3 7.5h6L7.8 5V1.5H4.2V5z" />
        </svg>
      )}
      <Handle type="target" id="in" position={Position.Left} className={styles.target} isConnectableStart={false} />
      {SIDES.map(([side, position]) => (
        <Handle
          key={side}
          type="source"
          id={side}
          position={position}
          className={styles.port}
          isConnectableEnd={false}
          title={t('canvas.port')}
        />
      ))}
    </div>
  );
});
