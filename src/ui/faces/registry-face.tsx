import { useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import type { FaceDefinition, FaceProps } from './face.ts';
import styles from './faces.module.css';

/** Share of the lease that is left is drawn in this many steps, so that the face changes a few times per lease only. */
const RING_STEPS = 12;
const RING_LENGTH = 2 * Math.PI * 4;

interface ServiceEntry {
  service: string;
  passing: number;
  /** 0 to RING_STEPS, of the entry whose lease ends first. */
  left: number;
  isBad: boolean;
}

/** Entries per service, packed into one string so that it compares by value. */
function useEntries(registry: string, ttlMs: number): ServiceEntry[] {
  const digest = useRun(({ view }) => {
    const services = new Map<string, ServiceEntry>();
    for (const entry of view.registry.values()) {
      if (entry.registry !== registry) continue;
      const known = services.get(entry.service) ?? {
        service: entry.service,
        passing: 0,
        left: RING_STEPS,
        isBad: false,
      };
      if (entry.status === 'passing') {
        known.passing += 1;
        const share = entry.expiresAt === null ? 1 : (entry.expiresAt - view.t) / (ttlMs * 1000);
        known.left = Math.min(known.left, Math.max(0, Math.round(share * RING_STEPS)));
      } else known.isBad = true;
      services.set(entry.service, known);
    }
    return JSON.stringify([...services.values()].sort((a, b) => (a.service < b.service ? -1 : 1)));
  });
  return JSON.parse(digest) as ServiceEntry[];
}

function Body({ id, node }: FaceProps<'registry'>) {
  const { t, number } = useText();
  const entries = useEntries(id, node.config.ttlMs);
  return (
    <div className={styles.section} data-columns={entries.length > 1}>
      {entries.length === 0 && <div className={styles.pair}>{t('face.noEntries')}</div>}
      {entries.map((entry) => (
        <div key={entry.service} className={styles.pair}>
          <span className={styles.entry} data-bad={entry.passing === 0}>
            <Ring left={entry.left} isBad={entry.passing === 0 || entry.isBad} />
            <span className={styles.cut}>{entry.service}</span>
          </span>
          <b>{number(entry.passing)}</b>
        </div>
      ))}
    </div>
  );
}

function Ring({ left, isBad }: { left: number; isBad: boolean }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <circle cx="6" cy="6" r="4" fill="none" stroke="var(--line-2)" strokeWidth="2" />
      <circle
        cx="6"
        cy="6"
        r="4"
        fill="none"
        stroke={isBad ? 'var(--err)' : 'var(--ok)'}
        strokeWidth="2"
        strokeDasharray={`${((left / RING_STEPS) * RING_LENGTH).toFixed(1)} 40`}
        transform="rotate(-90 6 6)"
      />
    </svg>
  );
}

function Aside() {
  return <>{useText().t('face.registry')}</>;
}

export const registryFace: FaceDefinition<'registry'> = {
  Body,
  Aside,
  icon: () => 'registry',
  size: (id, _node, document) => {
    const services = new Set(
      Object.values(document.links)
        .filter((link) => link.kind === 'discovery' && link.to.node === id)
        .map((link) => link.from.node),
    );
    return { width: 208, height: 34 + 13 + 18 * Math.max(1, Math.ceil(services.size / 2)) };
  },
};
