import type { IconName } from '../../app/commands/icon-names.ts';
import { ICON_NAMES } from '../../app/commands/icon-names.ts';
import { useInstances, useNodeView } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { Pips } from './face-parts.tsx';
import type { FaceDefinition, FaceProps } from './face.ts';
import styles from './faces.module.css';
import { refusalWords } from './health.ts';

function Body({ id, node }: FaceProps<'service'>) {
  const { t, number } = useText();
  const view = useNodeView(id);
  const inFlight = useInstances(id).reduce((sum, instance) => sum + instance.inFlight, 0);
  const meanMs = view && view.handled > 0 ? view.busyUs / view.handled / 1000 : null;
  return (
    <div className={styles.figures}>
      <Pips node={id} replicas={node.config.replicas} />
      <span className={styles.push}>
        <b>{t('face.inFlight', { count: number(inFlight) })}</b>
      </span>
      <span data-tip={t('face.mean')}>
        <b>{meanMs === null ? t('face.noMs') : t('face.ms', { ms: number(meanMs, meanMs < 10 ? 1 : 0) })}</b>
      </span>
    </div>
  );
}

/** What it refused as designed, and its version. */
function Aside({ id, node }: FaceProps<'service'>) {
  const texts = useText();
  const refusal = refusalWords(useNodeView(id), texts);
  return (
    <>
      {refusal && (
        <span className={styles.refused} data-tip={refusal.why} data-testid={`refused-${id}`}>
          {refusal.count}
        </span>
      )}
      {node.config.version}
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
  size: () => ({ width: 184, height: 62 }),
};
