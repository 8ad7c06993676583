import type { IconName } from '../../app/commands/icon-names.ts';
import { ICON_NAMES } from '../../app/commands/icon-names.ts';
import { useInstances, useNodeView, useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { Pips, Retries } from './face-parts.tsx';
import type { FaceDefinition, FaceProps } from './face.ts';
import styles from './faces.module.css';
import { refusalWords } from './health.ts';
import { hasRetries, serviceHeight } from './service-lines.ts';
import { placesOf } from './trouble.ts';

function Body({ id, node }: FaceProps<'service'>) {
  const { t, number } = useText();
  const view = useNodeView(id);
  const instances = useInstances(id);
  const inFlight = instances.reduce((sum, instance) => sum + instance.inFlight, 0);
  const places = JSON.parse(useRun((run) => JSON.stringify(placesOf(run.view, id)))) as ReturnType<typeof placesOf>;
  const queued = places?.queued ?? 0;
  const meanMs = view && view.handled > 0 ? view.busyUs / view.handled / 1000 : null;
  // There is room for three things: replicas of two versions, or a queue, take that of the mean.
  const isMixed = new Set(instances.map(({ version }) => version)).size > 1;
  const figures = (
    <div className={styles.figures}>
      <Pips node={id} replicas={node.config.replicas} />
      {places === null ? (
        <span className={styles.push}>
          <b>{t('face.inFlight', { count: number(inFlight) })}</b>
        </span>
      ) : (
        <span className={styles.push} data-tip={t('face.placesTip', { refused: places.refused })}>
          <b data-testid={`places-${id}`}>
            {t('face.places', { active: number(places.active), limit: number(places.limit) })}
          </b>
          {queued > 0 && <b data-limited="true"> {t('face.queued', { count: number(queued) })}</b>}
        </span>
      )}
      {!isMixed && queued === 0 && (
        <span data-tip={t('face.mean')}>
          <b>{meanMs === null ? t('face.noMs') : t('face.ms', { ms: number(meanMs, meanMs < 10 ? 1 : 0) })}</b>
        </span>
      )}
    </div>
  );
  if (!hasRetries(node.config)) return figures;
  return (
    <>
      {figures}
      <div className={styles.figures} data-second="true">
        <Retries node={id} />
      </div>
    </>
  );
}

/** What it refused as designed, and its version; while one is rolled out, how far. */
function Aside({ id, node }: FaceProps<'service'>) {
  const texts = useText();
  const { t } = texts;
  const refusal = refusalWords(useNodeView(id), texts);
  const release = useRun(({ view }) => view.releases.get(id));
  const isRolling = release !== undefined && release.done < release.total;
  return (
    <>
      {refusal && (
        <span className={styles.refused} data-tip={refusal.why} data-testid={`refused-${id}`}>
          {refusal.count}
        </span>
      )}
      {isRolling ? (
        <span data-tip={t('face.releaseTip')} data-testid={`release-${id}`}>
          {t('face.release', { version: release.version, done: release.done, total: release.total })}
        </span>
      ) : (
        node.config.version
      )}
    </>
  );
}

/** The icon of a preset; a service of one's own is a hexagon. */
export function serviceIcon(preset: string | undefined): IconName {
  if (preset === 'search') return 'service-search';
  return ICON_NAMES.find((name) => name === preset) ?? 'service';
}

export const serviceFace: FaceDefinition<'service'> = {
  Body,
  Aside,
  icon: (node) => serviceIcon(node.config.preset),
  size: (_id, node) => ({ width: 184, height: serviceHeight(node.config) }),
};
