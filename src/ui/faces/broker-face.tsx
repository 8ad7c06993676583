import { useText } from '../text/use-text.tsx';
import { useBrokerQueues } from './broker-queues.ts';
import type { FaceDefinition, FaceProps } from './face.ts';
import styles from './faces.module.css';

/** Messages drawn one by one in a lane; above it the number alone tells. */
const TICKS = 10;

function Lane({
  name,
  ready,
  unacked,
  figure,
  tone,
}: {
  name: string;
  ready: number;
  unacked: number;
  figure: string;
  tone: 'plain' | 'dead';
}) {
  const filled = Math.min(ready, TICKS);
  const half = Math.min(unacked, TICKS - filled);
  return (
    <div className={styles.lane}>
      <span className={styles.cut}>{name}</span>
      <span className={styles.queue} aria-hidden="true">
        {Array.from({ length: filled }, (_, index) => (
          <i key={`r${index}`} data-tone={tone} />
        ))}
        {Array.from({ length: half }, (_, index) => (
          <i key={`u${index}`} data-tone="unacked" />
        ))}
      </span>
      <b data-bad={tone === 'dead' && ready > 0}>{figure}</b>
    </div>
  );
}

function Body({ id }: FaceProps<'broker'>) {
  const { t, number } = useText();
  const queues = useBrokerQueues(id);
  const dead = queues.reduce((sum, queue) => sum + queue.dead, 0);
  return (
    <div className={styles.section}>
      {queues.length === 0 && <div className={styles.pair}>{t('face.noQueues')}</div>}
      {queues.map((queue) => (
        <Lane
          key={queue.queue}
          name={queue.queue}
          ready={queue.ready}
          unacked={queue.unacked}
          figure={t('face.unacked', { ready: number(queue.ready), unacked: number(queue.unacked) })}
          tone="plain"
        />
      ))}
      {queues.length > 0 && (
        <Lane
          name={t('face.deadLetters')}
          ready={dead}
          unacked={0}
          figure={t('face.dead', { count: dead })}
          tone="dead"
        />
      )}
    </div>
  );
}

function Aside({ node }: FaceProps<'broker'>) {
  return <>{useText().t('face.exchange', { name: node.config.exchange })}</>;
}

/** Services that consume from a broker: each has a queue, so each has a lane. */
const consumers = (id: string, links: Parameters<FaceDefinition<'broker'>['size']>[2]['links']) =>
  new Set(
    Object.values(links)
      .filter((link) => link.kind === 'subscribe' && link.from.node === id)
      .map((link) => link.to.node),
  ).size;

export const brokerFace: FaceDefinition<'broker'> = {
  Body,
  Aside,
  icon: () => 'broker',
  size: (id, _node, document) => {
    const lanes = consumers(id, document.links);
    return { width: 288, height: 34 + 13 + 20 * (lanes === 0 ? 1 : lanes + 1) };
  },
};
