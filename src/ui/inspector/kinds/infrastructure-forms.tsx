import type { NodeOf } from '../../../core/topology/schema/types.ts';
import { useBrokerQueues } from '../../faces/broker-queues.ts';
import { useText } from '../../text/use-text.tsx';
import { TextField } from '../fields.tsx';
import { NullableNumberField, RestartField } from '../number-field.tsx';
import styles from '../inspector.module.css';
import { Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';

/** A broker: its exchange and what happens to messages that nobody can handle. */
export function BrokerForm({ id, node }: { id: string; node: NodeOf<'broker'> }) {
  const { t } = useText();
  const { set } = useConfig<'broker'>(id);
  const { exchange, deliveryLimit, restartDelayMs } = node.config;
  return (
    <>
      <Queues id={id} />
      <Section title={t('broker.title')}>
        <TextField
          label={t('broker.exchange')}
          tip={t('broker.exchange.tip')}
          value={exchange}
          isMono
          onCommit={set('exchange')}
        />
        <NullableNumberField
          label={t('broker.deliveryLimit')}
          tip={t('broker.deliveryLimit.tip')}
          nullLabel={t('broker.unlimited')}
          value={deliveryLimit}
          fallback={5}
          min={0}
          onCommit={set('deliveryLimit')}
        />
        <RestartField value={restartDelayMs} onCommit={set('restartDelayMs')} />
      </Section>
    </>
  );
}

/** What waits in each queue, and what it takes. */
function Queues({ id }: { id: string }) {
  const { t, number } = useText();
  const queues = useBrokerQueues(id);
  return (
    <Section title={t('broker.queues')} aside={t('broker.queues.tip')}>
      {queues.length === 0 && <p className={styles.dim}>{t('broker.noQueues')}</p>}
      {queues.map(({ queue, bindings, ready, unacked, dead }) => (
        <p key={queue} className={styles.row} data-testid={`queue-${queue}`}>
          <span>
            <span className={styles.mono}>{queue}</span> <span className={styles.dim}>{bindings.join(', ')}</span>
          </span>
          <span>
            {t('face.unacked', { ready: number(ready), unacked: number(unacked) })}
            {dead > 0 && ` · ${t('face.deadLetters')}: ${dead}`}
          </span>
        </p>
      ))}
    </Section>
  );
}
