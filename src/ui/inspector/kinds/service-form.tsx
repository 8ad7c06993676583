import { freeId } from '../../../core/topology/default-behaviour.ts';
import type { Endpoint, NodeOf, Subscription } from '../../../core/topology/types.ts';
import type { JsonObject } from '../../../core/base/json.ts';
import { useDocument } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, NullableNumberField, NumberField, SelectField, TextField } from '../fields.tsx';
import styles from '../inspector.module.css';
import { DistributionFields } from '../latency-fields.tsx';
import { AddButton, ItemCard, movedBy, Section } from '../section.tsx';
import { StepList } from '../steps/step-list.tsx';
import { StepOwner } from '../steps/step-owner.ts';
import { useConfig } from '../use-config.ts';
import { withoutUndefined } from './client-form.tsx';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** What a service answers to and what it does then. */
export function BehaviourForm({ id, node }: { id: string; node: NodeOf<'service'> }) {
  const { t } = useText();
  const { set } = useConfig<'service'>(id);
  const { endpoints, subscriptions } = node.config;
  const document = useDocument((state) => state.document);
  const brokers = Object.values(document.links)
    .filter((link) => link.kind === 'subscribe' && link.to.node === id)
    .map((link) => ({ value: link.from.node, label: document.nodes[link.from.node]?.title ?? link.from.node }));
  const broker = brokers[0]?.value;
  const taken = new Set([...endpoints, ...subscriptions].map((handler) => handler.id));
  const changeEndpoints = set('endpoints');
  const changeSubscriptions = set('subscriptions');
  return (
    <>
      <Section title={t('service.endpoints')} aside={t('service.endpoints.tip')}>
        <ol className={styles.list}>
          {endpoints.map((endpoint, index) => (
            <ItemCard
              key={endpoint.id}
              name={`${endpoint.method} ${endpoint.path}`}
              title={
                <>
                  <b className={styles.verb}>{endpoint.method}</b>
                  <span>{endpoint.path}</span>
                </>
              }
              isFirst={index === 0}
              isLast={index === endpoints.length - 1}
              onMove={(by) => void changeEndpoints(movedBy(endpoints, index, by))}
              onRemove={() => void changeEndpoints(endpoints.filter((known) => known !== endpoint))}
            >
              <EndpointFields
                service={id}
                endpoint={endpoint}
                onChange={(next) =>
                  changeEndpoints(endpoints.map((known, at) => (at === index ? withoutUndefined(next) : known)))
                }
              />
            </ItemCard>
          ))}
        </ol>
        <AddButton
          label={t('service.addEndpoint')}
          onClick={() => {
            const name = freeId('endpoint', taken);
            const respond = { id: 'respond', do: 'respond' as const, status: 200, body: {} };
            void changeEndpoints([
              ...endpoints,
              { id: name, method: 'GET', path: `/api/${node.name}/${name}`, steps: [respond] },
            ]);
          }}
        />
      </Section>
      <Section title={t('service.subscriptions')} aside={t('service.subscriptions.tip')}>
        <ol className={styles.list}>
          {subscriptions.map((subscription, index) => (
            <ItemCard
              key={subscription.id}
              name={subscription.key}
              title={
                <>
                  <b className={styles.verb}>{t('service.on')}</b>
                  <span>{subscription.key}</span>
                </>
              }
              isFirst={index === 0}
              isLast={index === subscriptions.length - 1}
              onMove={(by) => void changeSubscriptions(movedBy(subscriptions, index, by))}
              onRemove={() => void changeSubscriptions(subscriptions.filter((known) => known !== subscription))}
            >
              <SubscriptionFields
                service={id}
                subscription={subscription}
                brokers={brokers}
                onChange={(next) =>
                  changeSubscriptions(subscriptions.map((known, at) => (at === index ? withoutUndefined(next) : known)))
                }
              />
            </ItemCard>
          ))}
        </ol>
        {broker === undefined ? (
          <p className={styles.dim}>{t('service.noBroker')}</p>
        ) : (
          <AddButton
            label={t('service.addSubscription')}
            onClick={() => {
              const name = freeId('on-event', taken);
              const note = { id: 'noted', do: 'log' as const, level: 'info' as const, text: '${ message.type }' };
              void changeSubscriptions([
                ...subscriptions,
                { id: name, broker, key: 'something.happened', steps: [note] },
              ]);
            }}
          />
        )}
      </Section>
    </>
  );
}

function EndpointFields({
  service,
  endpoint,
  onChange,
}: {
  service: string;
  endpoint: Endpoint;
  onChange: Commit<Endpoint>;
}) {
  const { t } = useText();
  return (
    <>
      <SelectField
        label={t('field.method')}
        value={endpoint.method}
        options={METHODS.map((value) => ({ value, label: value }))}
        onCommit={(method) => onChange({ ...endpoint, method })}
      />
      <TextField
        label={t('field.path')}
        tip={t('field.path.tip')}
        value={endpoint.path}
        isMono
        onCommit={(path) => onChange({ ...endpoint, path })}
      />
      <SagaFields saga={endpoint.saga} onChange={(saga) => onChange({ ...endpoint, saga } as Endpoint)} />
      <h4 className={styles.dim}>{t('steps.title')}</h4>
      <StepOwner value={{ service, allSteps: endpoint.steps }}>
        <StepList steps={endpoint.steps} onChange={(steps) => onChange({ ...endpoint, steps })} />
      </StepOwner>
    </>
  );
}

interface SubscriptionFieldsProps {
  service: string;
  subscription: Subscription;
  brokers: readonly { value: string; label: string }[];
  onChange: Commit<Subscription>;
}

function SubscriptionFields({ service, subscription, brokers, onChange }: SubscriptionFieldsProps) {
  const { t } = useText();
  return (
    <>
      {brokers.length > 1 && (
        <SelectField
          label={t('kind.broker')}
          value={subscription.broker}
          options={brokers}
          onCommit={(broker) => onChange({ ...subscription, broker })}
        />
      )}
      <TextField
        label={t('steps.routingKey')}
        tip={t('service.key.tip')}
        value={subscription.key}
        isMono
        onCommit={(key) => onChange({ ...subscription, key })}
      />
      <SagaFields saga={subscription.saga} onChange={(saga) => onChange({ ...subscription, saga } as Subscription)} />
      <h4 className={styles.dim}>{t('steps.title')}</h4>
      <StepOwner value={{ service, allSteps: subscription.steps }}>
        <StepList steps={subscription.steps} onChange={(steps) => onChange({ ...subscription, steps })} />
      </StepOwner>
    </>
  );
}

/** Name and step of the saga that a handler belongs to; empty = none. */
function SagaFields({ saga, onChange }: { saga: Endpoint['saga']; onChange: Commit<Endpoint['saga']> }) {
  const { t } = useText();
  return (
    <JsonField
      label={t('service.saga')}
      tip={t('service.saga.tip')}
      value={saga}
      isOptional
      isObject
      onCommit={(next) => onChange(next as unknown as Endpoint['saga'])}
    />
  );
}

/** How a service runs: instances, times, values. */
export function ServiceForm({ id, node }: { id: string; node: NodeOf<'service'> }) {
  const { t } = useText();
  const { set } = useConfig<'service'>(id);
  const { config } = node;
  return (
    <>
      <Section title={t('section.instances')}>
        <NumberField
          label={t('field.replicas')}
          tip={t('field.replicas.tip')}
          value={config.replicas}
          min={1}
          max={20}
          onCommit={set('replicas')}
        />
        <TextField label={t('field.version')} value={config.version} isMono onCommit={set('version')} />
        <NumberField label={t('field.port')} value={config.port} min={1} max={65_535} onCommit={set('port')} />
        <NumberField
          label={t('field.startup')}
          value={config.startupMs}
          min={0}
          unit={t('units.ms')}
          onCommit={set('startupMs')}
        />
        <NullableNumberField
          label={t('field.restart')}
          tip={t('field.restart.tip')}
          nullLabel={t('field.restart.never')}
          value={config.restartDelayMs}
          fallback={1000}
          min={0}
          unit={t('units.ms')}
          onCommit={set('restartDelayMs')}
        />
        <NumberField
          label={t('field.prefetch')}
          tip={t('field.prefetch.tip')}
          value={config.prefetch}
          min={0}
          onCommit={set('prefetch')}
        />
      </Section>
      <Section title={t('field.serviceTime')} aside={t('field.serviceTime.tip')}>
        <DistributionFields value={config.serviceTime} onCommit={set('serviceTime')} />
      </Section>
      <Section title={t('field.values')} aside={t('field.values.tip')}>
        <JsonField
          label={t('field.values')}
          value={config.values}
          isObject
          onCommit={(values) => set('values')((values ?? {}) as JsonObject)}
        />
      </Section>
    </>
  );
}
