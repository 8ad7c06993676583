import { Fragment } from 'react';
import type { NodeView } from '../../core/telemetry/view.ts';
import type { Route } from '../../core/topology/schema/types.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useNodeView, useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { Pair, Pips, Retries } from './face-parts.tsx';
import type { FaceDefinition, FaceProps } from './face.ts';
import styles from './faces.module.css';
import { gatewayHeight, linesOf, routeName, splitOf } from './gateway-lines.ts';

const CLASSES = ['2xx', '4xx', '5xx'] as const;
/** Share of a limit below which its bar is amber. */
const LOW = 0.1;

function Body({ id, node }: FaceProps<'gateway'>) {
  const { t, number } = useText();
  const view = useNodeView(id);
  const { routes, hidden, limits, codes, hasRetries } = linesOf(node.config);
  return (
    <>
      <div className={styles.section}>
        {routes.length === 0 && <div className={styles.pair}>{t('face.noRoutes')}</div>}
        {routes.map((route) => (
          <Fragment key={route.id}>
            <Pair label={routeName(route)} tip={t('face.hits')}>
              {number(view?.byRoute[route.id] ?? 0)}
            </Pair>
            <Shares route={route} view={view} />
          </Fragment>
        ))}
        {hidden > 0 && <div className={styles.pair}>{t('face.moreRoutes', { count: hidden })}</div>}
      </div>
      {limits.length > 0 && (
        <div className={styles.section}>
          {limits.map(({ route, limit }) => (
            <Limit
              key={route ?? ''}
              id={id}
              route={route}
              limit={limit}
              path={node.config.routes.find((one) => one.id === route)?.path ?? null}
            />
          ))}
        </div>
      )}
      <div className={styles.section} data-row="true">
        {CLASSES.map((status) => (
          <span key={status}>
            {status}{' '}
            <b data-bad={status === '5xx' && (view?.byStatus[status] ?? 0) > 0}>
              {number(view?.byStatus[status] ?? 0)}
            </b>
          </span>
        ))}
        {codes.length > 0 && (
          <span className={styles.codes}>
            {codes.map((code) => (
              <span key={code} data-tip={t(`face.code.${code}`)} data-testid={`code-${code}-${id}`}>
                {code} <b data-limited={(view?.byCode[code] ?? 0) > 0}>{number(view?.byCode[code] ?? 0)}</b>
              </span>
            ))}
          </span>
        )}
        {hasRetries && <Retries node={id} />}
      </div>
    </>
  );
}

/** Weights of a split beside the requests that really went each way. */
function Shares({ route, view }: { route: Route; view: NodeView | undefined }) {
  const { t, number } = useText();
  const title = useTitles();
  const split = splitOf(route);
  if (split === null) return null;
  const counts = split.map(({ to }) => number(view?.byUpstream[`${route.id} ${to}`] ?? 0));
  const weights = split.map(({ weight }) => number(weight));
  return (
    <Pair
      label={<span className={styles.under}>{weights.join(' / ')}</span>}
      tip={t('face.splitTip', { nodes: split.map(({ to }) => title(to)).join(' / ') })}
    >
      {counts.join(' / ')}
    </Pair>
  );
}

/** A budget of requests: what the last one left, and how that went before. */
function Limit({ id, route, limit, path }: { id: string; route: string | null; limit: number; path: string | null }) {
  const { t, number } = useText();
  const view = useRun((run) => run.view.limits.get(`${id} ${route ?? '*'}`));
  const left = view === undefined ? 1 : view.limit === 0 ? 0 : view.remaining / view.limit;
  const label = path === null ? t('face.rateLimit') : t('face.rateLimitOf', { path });
  const tip =
    view === undefined
      ? t('face.limitIdle')
      : t('face.limitTip', { key: view.key, allowed: view.allowed, refused: view.refused });
  return (
    <div className={styles.limit} data-tip={tip} data-testid={`limit-${id}-${route ?? 'all'}`}>
      <Pair
        label={
          <>
            {label}
            {view !== undefined && view.refused > 0 && (
              <i className={styles.refused}> {t('face.refused', { count: view.refused })}</i>
            )}
          </>
        }
      >
        {view === undefined ? number(limit) : t('face.of', { part: number(view.remaining), whole: number(view.limit) })}
      </Pair>
      <div className={styles.bucket}>
        <span className={styles.meter} data-low={left <= LOW}>
          <i style={{ width: `${Math.round(left * 100)}%` }} />
        </span>
        <Spark values={view?.history ?? []} />
      </div>
    </div>
  );
}

const SPARK = { width: 48, height: 9 };

/** What was left after each of the last requests, in thousandths; oldest at the left. */
function Spark({ values }: { values: readonly number[] }) {
  const step = SPARK.width / Math.max(1, values.length - 1);
  const points = values.map(
    (value, at) => `${(at * step).toFixed(1)},${((1 - value / 1000) * SPARK.height).toFixed(1)}`,
  );
  return (
    <svg
      width={SPARK.width}
      height={SPARK.height + 2}
      viewBox={`0 -1 ${SPARK.width} ${SPARK.height + 2}`}
      aria-hidden="true"
    >
      {values.length > 1 && <polyline points={points.join(' ')} fill="none" stroke="var(--text-3)" strokeWidth="1" />}
    </svg>
  );
}

const Aside = ({ id, node }: FaceProps<'gateway'>) => <Pips node={id} replicas={node.config.replicas} />;

export const gatewayFace: FaceDefinition<'gateway'> = {
  Body,
  Aside,
  icon: () => 'gateway',
  size: (_id, node) => ({ width: 188, height: gatewayHeight(node.config) }),
};
