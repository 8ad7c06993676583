import { formatTime } from '../run/format.ts';
import { instanceTitle } from '../run/mark-words.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { titleOf, type FaceDefinition, type FaceProps } from './face.ts';
import styles from './faces.module.css';
import { leasesOf, RING_STEPS, shownLeases, type Lease, type ServiceLeases } from './leases.ts';

const RING_LENGTH = 2 * Math.PI * 4;

function Body({ id, node }: FaceProps<'registry'>) {
  const { t, number } = useText();
  // As text, so that it compares by value.
  const services = JSON.parse(
    useRun(({ view }) => JSON.stringify(leasesOf(view, id, node.config.ttlMs))),
  ) as ServiceLeases[];
  return (
    <div className={styles.section} data-columns={services.length > 1}>
      {services.length === 0 && <div className={styles.pair}>{t('face.noEntries')}</div>}
      {services.map(({ service, passing, listed, leases }) => (
        <div key={service} className={styles.pair} data-testid={`entry-${service}`}>
          <span className={styles.entry} data-bad={passing === 0}>
            {shownLeases(leases).map((lease) => (
              <Ring key={lease.instance} lease={lease} />
            ))}
            <span className={styles.cut}>{service}</span>
          </span>
          <b data-tip={t('face.entries')}>
            {passing === listed ? number(passing) : t('face.of', { part: number(passing), whole: number(listed) })}
          </b>
        </div>
      ))}
    </div>
  );
}

const COLOURS = {
  passing: 'var(--ok)',
  over: 'var(--amber)',
  warning: 'var(--amber)',
  critical: 'var(--err)',
} as const;

/** A lease as a ring that empties; what is no longer well has a mark inside, too. */
function Ring({ lease: { instance, state, expiresAt, left } }: { lease: Lease }) {
  const { t } = useText();
  const title = useTitles();
  const key = state === 'passing' && expiresAt === null ? 'face.lease.endless' : (`face.lease.${state}` as const);
  const words = t(key, {
    instance: instanceTitle(instance, title),
    time: expiresAt === null ? '' : formatTime(expiresAt),
  });
  const colour = COLOURS[state];
  return (
    // A drawing of our own that follows the theme; an image file could not.
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <svg width="12" height="12" viewBox="0 0 12 12" role="img" aria-label={words} data-tip={words} data-lease={state}>
      <circle cx="6" cy="6" r="4" fill="none" stroke={left === 0 ? colour : 'var(--line-2)'} strokeWidth="2" />
      <circle
        cx="6"
        cy="6"
        r="4"
        fill="none"
        stroke={colour}
        strokeWidth="2"
        strokeDasharray={`${((left / RING_STEPS) * RING_LENGTH).toFixed(1)} 40`}
        transform="rotate(-90 6 6)"
      />
      {state === 'critical' && <path d="M4.6 4.6l2.8 2.8M7.4 4.6 4.6 7.4" stroke={colour} strokeWidth="1.2" />}
      {(state === 'warning' || state === 'over') && <path d="M6 4v2.4M6 7.6v.4" stroke={colour} strokeWidth="1.2" />}
    </svg>
  );
}

/** Which registry it is; its kind when its title says that already. */
function Aside({ node }: FaceProps<'registry'>) {
  const { t } = useText();
  const engine = t(`face.engine.${node.config.engine}`);
  return <>{titleOf(node).toLowerCase() === engine.toLowerCase() ? t('face.registry') : engine}</>;
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
