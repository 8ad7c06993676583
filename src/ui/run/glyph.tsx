import type { Outcome, PacketShape } from '../../core/telemetry/view.ts';
import { useText } from '../text/use-text.tsx';
import styles from './glyph.module.css';

/** A dot as the canvas draws it, for lists: shape = kind, colour and the mark inside = outcome. */
export function Glyph({ shape, outcome, size = 12 }: { shape: PacketShape; outcome: Outcome; size?: number }) {
  const { t } = useText();
  return (
    <svg
      className={styles.glyph}
      width={size}
      height={size}
      viewBox="-6 -6 12 12"
      // A drawing of our own that follows the theme; an image file could not.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="img"
      aria-label={`${t(`shape.${shape}`)}, ${t(`outcome.${outcome}`)}`}
      data-outcome={outcome}
    >
      <Body shape={shape} />
      {shape !== 'reply' && <Mark outcome={outcome} />}
    </svg>
  );
}

function Body({ shape }: { shape: PacketShape }) {
  switch (shape) {
    case 'grpc':
      return <rect x="-4" y="-4" width="8" height="8" rx="1.6" />;
    case 'event':
      return <path d="M0-5.4 5.4 0 0 5.4-5.4 0z" />;
    case 'registration':
      return <path d="M0-4.6 4.8 4H-4.8z" />;
    case 'reply':
      return <rect x="-1.5" y="-5.5" width="3" height="11" />;
    case 'data':
      return <circle r="3.2" />;
    default:
      return <circle r="4.6" />;
  }
}

function Mark({ outcome }: { outcome: Outcome }) {
  if (outcome === 'ok') return <path className={styles.mark} d="M-2 .1-.6 1.6 2.1-1.5" />;
  if (outcome === 'error') return <path className={styles.mark} d="M-1.6-1.6 1.6 1.6M1.6-1.6-1.6 1.6" />;
  if (outcome === 'compensation') return <path className={styles.mark} d="M1-2-1 0 1 2" />;
  return null;
}
