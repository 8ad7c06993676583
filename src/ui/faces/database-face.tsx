import type { IconName } from '../../app/commands/icon-names.ts';
import type { NodeOf } from '../../core/topology/schema/types.ts';
import { useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import type { FaceDefinition, FaceProps } from './face.ts';
import { rowCount } from './row-count.ts';

const WORDS = {
  postgresql: 'face.rows',
  mysql: 'face.rows',
  mongodb: 'face.docs',
  elasticsearch: 'face.docs',
  redis: 'face.keys',
} as const;
const ICONS = {
  postgresql: 'table',
  mysql: 'table',
  mongodb: 'document',
  elasticsearch: 'index',
  redis: 'key-value',
} as const satisfies Record<NodeOf<'database'>['config']['engine'], IconName>;

/** Wall ms for which a write lights the lid, in virtual time at the speed of the run. */
const FLASH_MS = 200;

/** True while a write landed a moment ago in virtual time. */
export function useWriteFlash(id: string): boolean {
  return useRun(({ view, state }) => {
    const at = view.nodes.get(id)?.lastWriteAt;
    if (at == null || !Number.isFinite(state.speed)) return false;
    return view.t - at < FLASH_MS * 1000 * state.speed;
  });
}

function Aside({ id, node }: FaceProps<'database'>) {
  const { t, number } = useText();
  const count = useRun(({ view }) => rowCount(id, node, view.tables));
  return <>{t(WORDS[node.config.engine], { count, rows: number(count) })}</>;
}

export const databaseFace: FaceDefinition<'database'> = {
  Body: () => null,
  Aside,
  icon: (node) => ICONS[node.config.engine],
  size: () => ({ width: 184, height: 40 }),
  isStore: true,
};
