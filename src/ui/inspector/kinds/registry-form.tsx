import { REGISTRY_DEFAULTS, REGISTRY_ENGINES } from '../../../core/topology/wiring/registry-presets.ts';
import { updateNode } from '../../../core/topology/edit/edit.ts';
import type { NodeOf } from '../../../core/topology/schema/types.ts';
import { useServices } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import { applyEdit, type Commit } from '../apply-edit.ts';
import { SelectField } from '../fields.tsx';
import { DurationField, NumberField, RestartField } from '../number-field.tsx';
import styles from '../inspector.module.css';
import { OptionalFields } from '../record-fields.tsx';
import { optionsOf } from '../record.ts';
import { Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';

type Config = NodeOf<'registry'>['config'];
const NAMES: Readonly<Record<Config['engine'], string>> = {
  consul: 'Consul',
  eureka: 'Eureka',
  etcd: 'etcd',
  zookeeper: 'ZooKeeper',
};

/** A registry: whose life cycle it has, how often instances report, how long an entry lives without. */
export function RegistryForm({ id, node }: { id: string; node: NodeOf<'registry'> }) {
  const services = useServices();
  const { t } = useText();
  const { set } = useConfig<'registry'>(id);
  const { config } = node;
  const { engine, heartbeatMs, ttlMs, cacheTtlMs, restartDelayMs } = config;
  const become: Commit<Config['engine']> = (next) =>
    applyEdit(services, (document) => {
      // What only the former flavour knows goes with it.
      const gone = Object.fromEntries(Object.keys(config).map((field) => [field, undefined]));
      const patch = { ...gone, ...REGISTRY_DEFAULTS[next], restartDelayMs } as Config;
      const isNamedAfter = node.title === NAMES[engine];
      const { diff } = updateNode(document, id, { config: patch, ...(isNamedAfter && { title: NAMES[next] }) });
      return { ok: true, value: diff };
    });
  return (
    <Section title={t('registry.title')}>
      <SelectField
        label={t('registry.engine')}
        tip={t('registry.engine.tip')}
        value={engine}
        options={optionsOf(REGISTRY_ENGINES, (value) => NAMES[value])}
        onCommit={become}
      />
      <p className={styles.dim}>{t(`registry.explain.${engine}`)}</p>
      <DurationField
        label={t('registryForm.heartbeat')}
        tip={t('registry.heartbeat.tip')}
        value={heartbeatMs}
        min={1}
        onCommit={set('heartbeatMs')}
      />
      <DurationField
        label={t('registry.ttl')}
        tip={t('registry.ttl.tip')}
        value={ttlMs}
        min={1}
        onCommit={set('ttlMs')}
      />
      {/* Callers of the other two follow a watch. */}
      {(engine === 'consul' || engine === 'eureka') && (
        <DurationField
          label={t('registry.cache')}
          tip={t('registry.cache.tip')}
          value={cacheTtlMs}
          min={0}
          onCommit={set('cacheTtlMs')}
        />
      )}
      <FlavourFields id={id} config={config} />
      <RestartField value={restartDelayMs} onCommit={set('restartDelayMs')} />
    </Section>
  );
}

/** What only one of the real registries has; absent = its default. */
function FlavourFields({ id, config }: { id: string; config: Config }) {
  const { t } = useText();
  const { set, patch } = useConfig<'registry'>(id);
  switch (config.engine) {
    case 'consul':
      return (
        <>
          <SelectField
            label={t('registryForm.check')}
            tip={t('registry.check.tip')}
            value={config.check ?? 'ttl'}
            options={optionsOf(['ttl', 'http'], (value) => t(`registry.check.${value}`))}
            onCommit={set('check')}
          />
          <OptionalFields
            label={t('registryForm.deregister')}
            tip={t('registry.deregister.tip')}
            value={config.deregisterAfterMs}
            fresh={60_000}
            onCommit={(deregisterAfterMs) => patch({ deregisterAfterMs } as Partial<Config>)}
          >
            {(value, change) => (
              <DurationField label={t('registry.deregisterAfter')} value={value} min={60_000} onCommit={change} />
            )}
          </OptionalFields>
          <OptionalFields
            label={t('registryForm.blocking')}
            tip={t('registry.blocking.tip')}
            value={config.blockingWaitMs}
            fresh={300_000}
            onCommit={(blockingWaitMs) => patch({ blockingWaitMs } as Partial<Config>)}
          >
            {(value, change) => (
              <DurationField
                label={t('registry.blockingWait')}
                value={value}
                min={100}
                max={600_000}
                onCommit={change}
              />
            )}
          </OptionalFields>
        </>
      );
    case 'eureka':
      return (
        <>
          <DurationField
            label={t('registry.eviction')}
            tip={t('registry.eviction.tip')}
            value={config.evictionIntervalMs ?? 60_000}
            min={1}
            onCommit={set('evictionIntervalMs')}
          />
          <DurationField
            label={t('registry.responseCache')}
            tip={t('registry.responseCache.tip')}
            value={config.responseCacheMs ?? 30_000}
            onCommit={set('responseCacheMs')}
          />
          <NumberField
            label={t('registry.selfPreservation')}
            tip={t('registry.selfPreservation.tip')}
            value={config.selfPreservation?.renewalThreshold ?? 0.85}
            min={0}
            max={1}
            step={0.05}
            onCommit={(renewalThreshold) => set('selfPreservation')({ renewalThreshold })}
          />
        </>
      );
    case 'zookeeper':
      return (
        <DurationField
          label={t('registry.tick')}
          tip={t('registry.tick.tip')}
          value={config.tickMs ?? 2000}
          min={1}
          onCommit={set('tickMs')}
        />
      );
    case 'etcd':
      return null;
  }
}
