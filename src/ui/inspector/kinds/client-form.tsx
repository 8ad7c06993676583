import { freeId } from '../../../core/topology/default-behaviour.ts';
import type { ClientRequest, NodeOf } from '../../../core/topology/types.ts';
import { useDocument } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, NumberField, SelectField, TextField } from '../fields.tsx';
import styles from '../inspector.module.css';
import { AddButton, ItemCard, movedBy, Section } from '../section.tsx';
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
          options={(['web', 'mobile', 'iot'] as const).map((value) => ({ value, label: t(`client.kind.${value}`) }))}
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
              options={(['exponential', 'constant'] as const).map((value) => ({ value, label: t(`arrival.${value}`) }))}
              onCommit={(arrival) => set('load')({ ...load, arrival })}
            />
          </>
        )}
        <NumberField
          label={t('field.timeout')}
          value={timeoutMs}
          min={1}
          unit={t('units.ms')}
          onCommit={set('timeoutMs')}
        />
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
  const document = useDocument((state) => state.document);
  const targets = Object.values(document.links)
    .filter((link) => link.kind === 'http' && link.from.node === id)
    .map((link) => ({ value: link.to.node, label: document.nodes[link.to.node]?.title ?? link.to.node }));
  const target = targets[0]?.value;
  const total = requests.reduce((sum, request) => sum + request.weight, 0);
  return (
    <Section title={t('client.requests')} aside={t('client.requests.tip')}>
      <ol className={styles.list}>
        {requests.map((request, index) => {
          const change = (next: Partial<ClientRequest>) =>
            onChange(requests.map((known, at) => (at === index ? withoutUndefined({ ...known, ...next }) : known)));
          return (
            <ItemCard
              key={request.id}
              name={request.name || request.id}
              title={
                <>
                  <b className={styles.verb}>{request.method}</b>
                  <span>{request.path}</span>
                  <span className={styles.dim}>
                    {request.weight === 0 || total === 0
                      ? t('face.byHand')
                      : `${Math.round((request.weight / total) * 100)} %`}
                  </span>
                </>
              }
              isFirst={index === 0}
              isLast={index === requests.length - 1}
              onMove={(by) => void onChange(movedBy(requests, index, by))}
              onRemove={() => void onChange(requests.filter((known) => known !== request))}
            >
              <TextField label={t('field.name')} value={request.name} onCommit={(name) => change({ name })} />
              <NumberField
                label={t('client.weight')}
                tip={t('client.weight.tip')}
                value={request.weight}
                min={0}
                onCommit={(weight) => change({ weight })}
              />
              <SelectField
                label={t('field.method')}
                value={request.method}
                options={METHODS.map((value) => ({ value, label: value }))}
                onCommit={(method) => change({ method })}
              />
              <TextField label={t('field.path')} value={request.path} isMono onCommit={(path) => change({ path })} />
              <SelectField
                label={t('steps.to')}
                value={request.to}
                options={targets}
                onCommit={(to) => change({ to })}
              />
              <JsonField
                label={t('steps.headers')}
                value={request.headers}
                isOptional
                isObject
                onCommit={(headers) =>
                  change({ headers: headers as Record<string, string> | undefined } as Partial<ClientRequest>)
                }
              />
              <JsonField
                label={t('steps.body')}
                value={request.body}
                isOptional
                onCommit={(body) => change({ body } as Partial<ClientRequest>)}
              />
            </ItemCard>
          );
        })}
      </ol>
      {target === undefined ? (
        <p className={styles.dim}>{t('client.notConnected')}</p>
      ) : (
        <AddButton
          label={t('client.addRequest')}
          onClick={() => {
            const fresh = freeId('request', new Set(requests.map((request) => request.id)));
            void onChange([...requests, { id: fresh, name: 'GET /', weight: 0, method: 'GET', path: '/', to: target }]);
          }}
        />
      )}
    </Section>
  );
}

/** Optional fields that were emptied are absent, not undefined: the document is JSON. */
export function withoutUndefined<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
