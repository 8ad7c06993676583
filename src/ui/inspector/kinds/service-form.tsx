import { freeId } from '../../../core/topology/wiring/default-behaviour.ts';
import { handlersOf } from '../../../core/topology/steps.ts';
import type { Endpoint, NodeOf, Subscription } from '../../../core/topology/schema/types.ts';
import type { JsonObject } from '../../../core/base/json.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, SelectField, TextField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import { DurationField, NumberField, RestartField } from '../number-field.tsx';
import styles from '../inspector.module.css';
import { DistributionFields } from '../latency-fields.tsx';
import { useLinked } from '../record-fields.tsx';
import { Section } from '../section.tsx';
import { StepList } from '../steps/step-list.tsx';
import { StepOwner } from '../steps/step-owner.ts';
import { useConfig } from '../use-config.ts';
import { GrpcForm } from './grpc-form.tsx';
import { MethodField } from './method-field.tsx';
import { SagaFields } from './saga-fields.tsx';
import { ServicePolicies } from './service-policies.tsx';

/** What a service answers to and what it does then. */
export function BehaviourForm({ id, node }: { id: string; node: NodeOf<'service'> }) {
  const { t } = useText();
  const { set } = useConfig<'service'>(id);
  const { endpoints, subscriptions } = node.config;
  const brokers = useLinked(id, 'subscribe', 'from');
  const broker = brokers[0]?.value;
  const taken = new Set(handlersOf(node.config).map((handler) => handler.id));
  const makeEndpoint = (): Endpoint => {
    const name = freeId('endpoint', taken);
    const respond = { id: 'respond', do: 'respond' as const, status: 200, body: {} };
    return { id: name, method: 'GET', path: `/api/${node.name}/${name}`, steps: [respond] };
  };
  const makeSubscription = (from: string): Subscription => {
    const note = { id: 'noted', do: 'log' as const, level: 'info' as const, text: '${ message.type }' };
    return { id: freeId('on-event', taken), broker: from, key: 'something.happened', steps: [note] };
  };
  return (
    <>
      <Section title={t('service.endpoints')} aside={t('service.endpoints.tip')}>
        <ListField
          items={endpoints}
          keyOf={(endpoint) => endpoint.id}
          nameOf={(endpoint) => `${endpoint.method} ${endpoint.path}`}
          titleOf={(endpoint) => <HandlerTitle verb={endpoint.method} words={endpoint.path} />}
          onChange={set('endpoints')}
          add={{ label: t('service.addEndpoint'), make: makeEndpoint }}
        >
          {(endpoint, change) => <EndpointFields service={id} endpoint={endpoint} onChange={change} />}
        </ListField>
      </Section>
      <Section title={t('service.subscriptions')} aside={t('service.subscriptions.tip')}>
        <ListField
          items={subscriptions}
          keyOf={(subscription) => subscription.id}
          nameOf={(subscription) => subscription.key}
          titleOf={(subscription) => <HandlerTitle verb={t('service.on')} words={subscription.key} />}
          onChange={set('subscriptions')}
          add={
            broker === undefined
              ? undefined
              : { label: t('service.addSubscription'), make: () => makeSubscription(broker) }
          }
          missing={t('service.noBroker')}
        >
          {(subscription, change) => (
            <SubscriptionFields service={id} subscription={subscription} brokers={brokers} onChange={change} />
          )}
        </ListField>
      </Section>
      <GrpcForm id={id} node={node} />
    </>
  );
}

function HandlerTitle({ verb, words }: { verb: string; words: string }) {
  return (
    <>
      <b className={styles.verb}>{verb}</b>
      <span>{words}</span>
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
      <MethodField value={endpoint.method} onCommit={(method) => onChange({ ...endpoint, method })} />
      <TextField
        label={t('field.path')}
        tip={t('field.path.tip')}
        value={endpoint.path}
        isMono
        onCommit={(path) => onChange({ ...endpoint, path })}
      />
      <SagaFields saga={endpoint.saga} onChange={(saga) => onChange({ ...endpoint, saga } as Endpoint)} />
      <h4 className={styles.dim}>{t('steps.title')}</h4>
      <StepOwner value={{ service, allSteps: endpoint.steps, answers: 'http' }}>
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
      <StepOwner value={{ service, allSteps: subscription.steps, answers: 'message' }}>
        <StepList steps={subscription.steps} onChange={(steps) => onChange({ ...subscription, steps })} />
      </StepOwner>
    </>
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
        <DurationField label={t('field.startup')} value={config.startupMs} onCommit={set('startupMs')} />
        <RestartField value={config.restartDelayMs} fallback={1000} onCommit={set('restartDelayMs')} />
        {/* Only a consumer of messages has one. */}
        {config.subscriptions.length > 0 && (
          <NumberField
            label={t('field.prefetch')}
            tip={t('field.prefetch.tip')}
            value={config.prefetch}
            min={0}
            onCommit={set('prefetch')}
          />
        )}
      </Section>
      <ServicePolicies id={id} node={node} />
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
