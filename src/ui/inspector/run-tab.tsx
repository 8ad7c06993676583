import { MonitorUp, Power, Skull } from 'lucide-react';
import type { TopologyNode } from '../../core/topology/schema/types.ts';
import { declaredOnes, pipOf, replicasOf } from '../faces/health.ts';
import { Pip } from '../faces/pip.tsx';
import { Button, IconButton } from '../kit/button.tsx';
import { formatAddress } from '../run/format.ts';
import { instanceTitle } from '../run/mark-words.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useInstances, useNodeView, useRunStore } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { NodeFaults } from './faults.tsx';
import styles from './inspector.module.css';
import { Section } from './section.tsx';

/** What runs now: instances that can be killed and started, counters, faults. All of it goes through recorded inputs. */
export function RunTab({ id, node }: { id: string; node: TopologyNode }) {
  const { t, number } = useText();
  const view = useNodeView(id);
  return (
    <>
      <InstanceList id={id} node={node} />
      <NodeFaults id={id} node={node} />
      <Section title={t('runTab.measured')} aside={t('runTab.measured.tip')}>
        <p className={styles.row}>
          <span>{t('runTab.handled')}</span>
          {number(view?.handled ?? 0)}
        </p>
        <p className={styles.row}>
          <span>{t('runTab.failed')}</span>
          {number(view?.failed ?? 0)}
        </p>
        {Object.entries(view?.byOperation ?? {})
          .sort(([, a], [, b]) => b - a)
          .slice(0, 12)
          .map(([operation, count]) => (
            <p key={operation} className={styles.row}>
              {operation === '' ? (
                <span data-tip={t('runTab.unrouted.tip')}>{t('runTab.unrouted')}</span>
              ) : (
                <span className={styles.mono}>{operation}</span>
              )}
              {number(count)}
            </p>
          ))}
      </Section>
    </>
  );
}

function InstanceList({ id, node }: { id: string; node: TopologyNode }) {
  const { t, reason } = useText();
  const run = useRunStore();
  const title = useTitles();
  const instances = declaredOnes(useInstances(id), replicasOf(node));
  return (
    <Section title={t('section.instances')}>
      {instances.length === 0 && <p className={styles.dim}>{t('reason.notRunning')}</p>}
      {instances.map((instance) => {
        const isUp = instance.status === 'passing' || instance.status === 'starting';
        const state = pipOf(instance);
        return (
          <div key={instance.instance} className={styles.row}>
            <Pip state={state} label={t(`state.${state}`)} />
            <span data-tip={instance.reason ?? formatAddress(instance.address)}>
              {instanceTitle(instance.instance, title)}{' '}
              <span className={styles.dim}>
                {instance.reason === null ? formatAddress(instance.address) : reason(instance.reason)}
              </span>
            </span>
            {isUp && (
              <IconButton
                label={t('runTab.move', { name: instanceTitle(instance.instance, title) })}
                onClick={() => void run.inject({ kind: 'instance.move', instance: instance.instance })}
              >
                <MonitorUp size={14} aria-hidden="true" />
              </IconButton>
            )}
            {isUp ? (
              <Button onClick={() => void run.inject({ kind: 'instance.kill', instance: instance.instance })}>
                <Skull size={13} aria-hidden="true" />
                {t('runTab.kill')}
              </Button>
            ) : (
              <Button onClick={() => void run.inject({ kind: 'instance.start', instance: instance.instance })}>
                <Power size={13} aria-hidden="true" />
                {t('runTab.start')}
              </Button>
            )}
          </div>
        );
      })}
    </Section>
  );
}
