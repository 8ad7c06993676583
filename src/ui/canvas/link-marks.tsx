import type { BreakerView } from '../../core/telemetry/view.ts';
import type { Fault } from '../../core/topology/schema/types.ts';
import { useText } from '../text/use-text.tsx';
import styles from './link.module.css';
import type { LinkPath } from './curve.ts';
import { breakerWords, type Gap } from './link-state.ts';

interface Placed {
  id: string;
  path: LinkPath;
  gap: Gap;
  color: string;
}
/** Degrees by which the lever is lifted. */
const LIFT = { closed: 0, 'half-open': 16, open: 38 } as const;
const LOOKS = {
  closed: { color: null, dash: undefined },
  'half-open': { color: 'var(--amber)', dash: '3.5 4.5' },
  open: { color: 'var(--err)', dash: undefined },
} as const;

/** Where a gap begins, how long it is as the crow flies, and its direction in degrees. */
function chord({ path, gap }: Placed): { x: number; y: number; length: number; degrees: number } {
  const [a, b] = [path.at(gap.from / path.length), path.at(gap.to / path.length)];
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  return { x: a.x, y: a.y, length: Math.hypot(dx, dy), degrees: (Math.atan2(dy, dx) * 180) / Math.PI };
}

/** A circuit breaker as an electrical switch in its link: the lever lies on both contacts, or stands off the second one. */
export function LinkSwitch({ breaker, ...place }: Placed & { breaker: BreakerView }) {
  const texts = useText();
  const { x, y, length, degrees } = chord(place);
  const { color: own, dash } = LOOKS[breaker.state];
  const color = own ?? place.color;
  const words = breakerWords(breaker, texts);
  // Up on the screen, whichever way the link runs.
  const lift = Math.abs(degrees) > 90 ? LIFT[breaker.state] : -LIFT[breaker.state];
  return (
    <g
      className={styles.linkMark}
      transform={`translate(${x} ${y}) rotate(${degrees})`}
      role="img"
      aria-label={words}
      data-tip={words}
      data-testid={`breaker-${place.id}`}
      data-state={breaker.state}
    >
      <rect x={-8} y={-16} width={length + 16} height={32} fill="transparent" />
      <path
        d={`M0 0H${length - 2}`}
        transform={`rotate(${lift})`}
        stroke={color}
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeDasharray={dash}
      />
      {[0, length].map((at) => (
        <circle key={at} cx={at} r="3.6" fill="var(--canvas)" stroke={color} strokeWidth="2" />
      ))}
    </g>
  );
}

/** A partition: the line ends at stops, two strokes lie across; one way only, an arrow shows which way is closed. */
export function LinkCut({
  direction,
  words,
  ...place
}: Placed & { direction: Extract<Fault, { kind: 'partition' }>['direction']; words: string }) {
  const { x, y, length, degrees } = chord(place);
  const middle = length / 2;
  const back = direction === 'backward' ? -1 : 1;
  return (
    <g
      className={styles.linkMark}
      transform={`translate(${x} ${y}) rotate(${degrees})`}
      role="img"
      aria-label={words}
      data-tip={words}
      data-testid={`cut-${place.id}`}
      data-direction={direction}
    >
      <rect x={-4} y={-16} width={length + 8} height={32} fill="transparent" />
      <path d={`M0-5V5M${length}-5V5`} stroke={place.color} strokeWidth="2" strokeLinecap="round" />
      <path
        d={
          direction === 'both'
            ? `M${middle - 6}-16 ${middle - 2} 16M${middle + 2}-16 ${middle + 6} 16`
            : `M${middle + 4 * back}-16V16M${middle - 8 * back}-5l${6 * back} 5l${-6 * back} 5`
        }
        fill="none"
        stroke="var(--err)"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </g>
  );
}
