import { freeId } from '../../../core/topology/default-behaviour.ts';
import type { ClientRequest, NodeOf } from '../../../core/topology/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, SelectField, TextField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import { DurationField, NumberField } from '../number-field.tsx';
import styles from '../inspector.module.css';
import { optionsOf } from '../record.ts';
import { PairsField, useLinked } from '../record-fields.tsx';
import { Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A client: how much it sends, and what. */
export function ClientForm({ id, node }: { id: string; node: NodeOf<'client'> }) {
  const { t } = useText();
  const { set } = useConfig<'client'>(id);
  const { clientKind, load, timeoutMs, requests } = node.config;
  return (
    <>
      <Section title={t('client.load')}>
        <SelectField
          label={t('client.kind')}
          value={clientKind}
          options={optionsOf(['web', 'mobile', 'iot'], (value) => t(`client.kind.${value}`))}
          onCommit={set('clientKind')}
        />
        {load.model === 'open' && (
          <>
            <NumberField
              label={t('client.rate')}
              tip={t('client.rate.tip')}
              value={load.ratePerSecond}
              min={0}
              max={10_000}
              step={0.5}
              unit={t('units.perSecond')}
              onCommit={(ratePerSecond) => set('load')({ ...load, ratePerSecond })}
            />
            <SelectField
              label={t('client.arrival')}
              tip={t('client.arrival.tip')}
              value={load.arrival}
              options={optionsOf(['exponential', 'constant'], (value) => t(`arrival.${value}`))}
              onCommit={(arrival) => set('load')({ ...load, arrival })}
            />
          </>
        )}
        <DurationField label={t('field.timeout')} value={timeoutMs} min={1} onCommit={set('timeoutMs')} />
      </Section>
      <RequestMix id={id} requests={requests} onChange={set('requests')} />
    </>
  );
}

interface RequestMixProps {
  id: string;
  requests: readonly ClientRequest[];
  onChange: Commit<ClientRequest[]>;
}

function RequestMix({ id, requests, onChange }: RequestMixProps) {
  const { t } = useText();
  const targets = useLinked(id, 'http');
  const to = targets[0]?.value;
  const total = requests.reduce((sum, request) => sum + request.weight, 0);
  const make = (target: string): ClientRequest => {
    const fresh = freeId('request', new Set(requests.map((request) => request.id)));
    return { id: fresh, name: 'GET /', weight: 0, method: 'GET', path: '/', to: target };
  };
  return (
    <Section title={t('client.requests')} aside={t('client.requests.tip')}>
      <ListField
        items={requests}
        keyOf={(request) => request.id}
        nameOf={(request) => request.name || request.id}
        titleOf={({ method, path, weight }) => (
          <>
            <b className={styles.verb}>{method}</b>
            <span>{path}</span>
            <span className={styles.dim}>
              {weight === 0 || total === 0 ? t('face.byHand') : `${Math.round((weight / total) * 100)} %`}
            </span>
          </>
        )}
        onChange={onChange}
        add={to === undefined ? undefined : { label: t('client.addRequest'), make: () => make(to) }}
        missing={t('client.notConnected')}
      >
        {(request, change) => <RequestFields request={request} targets={targets} onChange={change} />}
      </ListField>
    </Section>
  );
}

interface RequestFieldsProps {
  request: ClientRequest;
  targets: readonly { value: string; label: string }[];
  onChange: Commit<ClientRequest>;
}

function RequestFields({ request, targets, onChange }: RequestFieldsProps) {
  const { t } = useText();
  const set =
    <F extends keyof ClientRequest>(field: F): Commit<ClientRequest[F] | undefined> =>
    (value) =>
      onChange({ ...request, [field]: value });
  return (
    <>
      <TextField label={t('field.name')} value={request.name} onCommit={set('name')} />
      <NumberField
        label={t('client.weight')}
        tip={t('client.weight.tip')}
        value={request.weight}
        min={0}
        onCommit={set('weight')}
      />
      <SelectField
        label={t('field.method')}
        value={request.method}
        options={optionsOf(METHODS)}
        onCommit={set('method')}
      />
      <TextField label={t('field.path')} value={request.path} isMono onCommit={set('path')} />
      <SelectField label={t('steps.to')} value={request.to} options={targets} onCommit={set('to')} />
      <PairsField
        label={t('steps.headers')}
        value={request.headers}
        addLabel={t('field.addHeader')}
        freshName="x-header"
        onCommit={set('headers')}
      />
      <JsonField label={t('steps.body')} value={request.body} isOptional onCommit={set('body')} />
    </>
  );
}
