import type { Route } from '../../core/topology/types.ts';
import { useNodeView } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { Pair, Pips } from './face-parts.tsx';
import type { FaceDefinition, FaceProps } from './face.ts';
import styles from './faces.module.css';

/** More routes than this are summed up in one line. */
const SHOWN = 6;
const CLASSES = ['2xx', '4xx', '5xx'] as const;

/** Requests that this route served: spans named `METHOD path` or after the path of the route. */
export function hitsOf(route: Route, byOperation: Readonly<Record<string, number>>): number {
  let hits = 0;
  for (const [operation, count] of Object.entries(byOperation)) {
    const path = operation.slice(operation.indexOf(' ') + 1);
    const method = operation.slice(0, operation.indexOf(' '));
    if (path === route.path && (!route.methods || route.methods.includes(method))) hits += count;
  }
  return hits;
}

function Body({ id, node }: FaceProps<'gateway'>) {
  const { t, number } = useText();
  const view = useNodeView(id);
  const { routes } = node.config;
  const shown = routes.length > SHOWN ? routes.slice(0, SHOWN - 1) : routes;
  return (
    <>
      <div className={styles.section}>
        {routes.length === 0 && <div className={styles.pair}>{t('face.noRoutes')}</div>}
        {shown.map((route) => (
          <Pair
            key={route.id}
            label={route.match === 'prefix' && route.path.endsWith('/') ? `${route.path}*` : route.path}
            tip={t('face.hits')}
          >
            {number(hitsOf(route, view?.byOperation ?? {}))}
          </Pair>
        ))}
        {shown.length < routes.length && (
          <div className={styles.pair}>{t('face.moreRoutes', { count: routes.length - shown.length })}</div>
        )}
      </div>
      <div className={styles.section} data-row="true">
        {CLASSES.map((status) => (
          <span key={status}>
            {status}{' '}
            <b data-bad={status === '5xx' && (view?.byStatus[status] ?? 0) > 0}>
              {number(view?.byStatus[status] ?? 0)}
            </b>
          </span>
        ))}
      </div>
    </>
  );
}

const Aside = ({ id, node }: FaceProps<'gateway'>) => <Pips node={id} replicas={node.config.replicas} />;

export const gatewayFace: FaceDefinition<'gateway'> = {
  Body,
  Aside,
  icon: () => 'gateway',
  size: (_id, node) => ({
    width: 188,
    height: 34 + 13 + 18 * Math.max(1, Math.min(SHOWN, node.config.routes.length)) + 29,
  }),
};
