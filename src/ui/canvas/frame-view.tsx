import type { NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { useView } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './frame.module.css';
import { RenameField } from './rename-field.tsx';
import type { FrameNode } from './to-flow.ts';

/** A bounded context: no colour, only a frame with a name. */
export const FrameView = memo(function FrameView({ id, data, selected }: NodeProps<FrameNode>) {
  const { t } = useText();
  const isRenaming = useView((view) => view.renaming === id);
  return (
    <div className={styles.frame} data-selected={selected} data-frame={id}>
      <span className={styles.frameLabel}>
        {isRenaming ? <RenameField record={id} value={data.record.title} /> : data.record.title}
        <i>{t('canvas.boundedContext')}</i>
      </span>
    </div>
  );
});
