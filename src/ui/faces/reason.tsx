import { CircleX, Skull, TriangleAlert } from 'lucide-react';
import type { DetailLevel } from './face.ts';
import type { NodeHealth } from './health.ts';
import styles from './reason.module.css';

/** Under a node: what is wrong with it. Two lines (one from afar), so that it covers no neighbour; in full while the node is pointed at, focused or selected. */
export function Reason({
  id,
  state,
  text,
  level,
}: {
  id: string;
  state: NodeHealth;
  text: string;
  level: DetailLevel;
}) {
  return (
    <div className={styles.reason} data-tone={state} data-level={level} data-testid={`reason-${id}`}>
      <ReasonIcon state={state} />
      <span>{text}</span>
    </div>
  );
}

function ReasonIcon({ state }: { state: NodeHealth }) {
  if (state === 'dead') return <Skull size={12} strokeWidth={1.75} aria-hidden="true" />;
  if (state === 'critical') return <CircleX size={12} strokeWidth={1.75} aria-hidden="true" />;
  return <TriangleAlert size={12} strokeWidth={1.75} aria-hidden="true" />;
}
