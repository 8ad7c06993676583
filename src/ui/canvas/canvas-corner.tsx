import { useReactFlow, useStore } from '@xyflow/react';
import { memo } from 'react';
import { IconButton } from '../kit/button.tsx';
import { CommandButton } from '../kit/command-button.tsx';
import { Icon } from '../kit/icon.tsx';
import { useCommand } from '../kit/use-command.ts';
import { useDocument, useServices, useView } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './canvas.module.css';

const BUTTONS = ['view.zoomOut', 'view.zoomIn', 'view.fit'] as const;

/** Zoom controls at the left, the meaning of the dots at the right. */
export const CanvasCorner = memo(function CanvasCorner() {
  const { t } = useText();
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  const { zoomTo } = useReactFlow();
  const hasGrpc = useDocument(({ document }) => Object.values(document.links).some((link) => link.kind === 'grpc'));
  return (
    <>
      <div className={styles.corner} role="group" aria-label={t('canvas.zoomControls')}>
        <CommandButton id={BUTTONS[0]} />
        <button
          type="button"
          className={styles.zoom}
          data-tip={t('command.zoomReset')}
          onClick={() => void zoomTo(1, { duration: 120 })}
        >
          {t('canvas.zoom', { percent })}
        </button>
        <CommandButton id={BUTTONS[1]} />
        <CommandButton id={BUTTONS[2]} />
        <HandButton />
      </div>
      <div className={styles.legend} role="note" aria-label={t('canvas.legend')}>
        <span>
          <Glyph d="M1.4 5a3.6 3.6 0 1 0 7.2 0 3.6 3.6 0 1 0-7.2 0z" />
          {t('canvas.legend.http')}
        </span>
        {hasGrpc && (
          <span>
            <Glyph d="M3.2 1.2h3.6a2 2 0 0 1 2 2v3.6a2 2 0 0 1-2 2H3.2a2 2 0 0 1-2-2V3.2a2 2 0 0 1 2-2z" />
            {t('link.grpc')}
          </span>
        )}
        <span>
          <Glyph d="M5 0l5 5-5 5-5-5z" />
          {t('canvas.legend.event')}
        </span>
        <span>
          <Glyph d="M5 1.2 9.2 8.8H.8z" />
          {t('canvas.legend.heartbeat')}
        </span>
        <span>
          <Glyph d="M3.8 0h2.4v10H3.8z" />
          {t('canvas.legend.reply')}
        </span>
      </div>
    </>
  );
});

function Glyph({ d }: { d: string }) {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      <path d={d} fill="var(--flight)" />
    </svg>
  );
}

/** Pressed while dragging moves only the view. */
function HandButton() {
  const { view } = useServices();
  const isHand = useView((state) => state.tool === 'hand');
  const command = useCommand('view.toolHand');
  if (!command) return null;
  return (
    <IconButton
      label={command.label}
      shortcut={command.shortcut}
      aria-pressed={isHand}
      isOn={isHand}
      onClick={() => view.setTool(isHand ? 'select' : 'hand')}
    >
      <Icon name="hand" />
    </IconButton>
  );
}
