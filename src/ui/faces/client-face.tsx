import type { IconName } from '../../app/commands/icon-names.ts';
import { useNodeView } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import type { FaceDefinition, FaceProps } from './face.ts';
import styles from './faces.module.css';

const ICONS = { web: 'client', mobile: 'client-mobile', iot: 'client-iot' } as const satisfies Record<string, IconName>;

function Body({ id, node }: FaceProps<'client'>) {
  const { t, number } = useText();
  const { load, requests, clientKind } = node.config;
  const sent = useNodeView(id)?.sent ?? 0;
  const isByHand =
    requests.every((request) => request.weight === 0) || (load.model === 'open' && load.ratePerSecond === 0);
  const configured =
    load.model === 'open'
      ? t('face.perSecond', { rate: number(load.ratePerSecond, 2) })
      : t(clientKind === 'iot' ? 'face.things' : 'face.users', { count: load.users });
  return (
    <div className={styles.figures}>
      <span className={styles.cut}>{isByHand ? t('face.byHand') : configured}</span>
      <span className={styles.push}>
        <b>{t('face.sent', { count: number(sent) })}</b>
      </span>
    </div>
  );
}

export const clientFace: FaceDefinition<'client'> = {
  Body,
  Aside: () => null,
  icon: (node) => ICONS[node.config.clientKind],
  size: () => ({ width: 144, height: 56 }),
};
