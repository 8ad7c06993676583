export type PipState = 'passing' | 'starting' | 'paused' | 'draining' | 'warning' | 'critical' | 'dead' | 'idle';

/** One replica: the shape differs per state, the colour is second. */
export function Pip({ state, label, size = 10 }: { state: PipState; label: string; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 10 10" role="img" aria-label={label} data-tip={label} data-pip={state}>
      {SHAPES[state]}
    </svg>
  );
}

const SHAPES = {
  passing: <circle cx="5" cy="5" r="4" fill="var(--ok)" />,
  starting: (
    <>
      <circle cx="5" cy="5" r="3.4" fill="none" stroke="var(--line-3)" strokeWidth="1.2" />
      <path d="M5 1.6A3.4 3.4 0 0 1 8.4 5" fill="none" stroke="var(--text)" strokeWidth="1.6" />
    </>
  ),
  paused: <path d="M3 1.4v7.2M7 1.4v7.2" fill="none" stroke="var(--amber)" strokeWidth="2.2" strokeLinecap="round" />,
  draining: (
    <>
      <circle cx="5" cy="5" r="3.6" fill="none" stroke="var(--ok)" strokeWidth="1.2" />
      <path d="M1.4 5a3.6 3.6 0 0 0 7.2 0z" fill="var(--ok)" />
    </>
  ),
  warning: (
    <path d="M5 1 9.4 9H.6z" fill="var(--amber)" stroke="var(--amber)" strokeWidth=".8" strokeLinejoin="round" />
  ),
  critical: (
    <>
      <rect x=".8" y=".8" width="8.4" height="8.4" rx="1.6" fill="var(--err)" />
      <path d="M3.4 3.4l3.2 3.2M6.6 3.4 3.4 6.6" stroke="var(--surface)" strokeWidth="1.3" strokeLinecap="round" />
    </>
  ),
  dead: (
    <>
      <circle cx="5" cy="5" r="3.8" fill="none" stroke="var(--dead)" strokeWidth="1.2" strokeDasharray="2 1.6" />
      <path d="M3 7l4-4" stroke="var(--dead)" strokeWidth="1.2" strokeLinecap="round" />
    </>
  ),
  idle: <circle cx="5" cy="5" r="3.6" fill="none" stroke="var(--line-3)" strokeWidth="1.2" />,
} satisfies Record<PipState, React.ReactNode>;
