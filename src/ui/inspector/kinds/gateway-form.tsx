import { freeId } from '../../../core/topology/default-behaviour.ts';
import type { NodeOf, Route } from '../../../core/topology/types.ts';
import type { Json } from '../../../core/base/json.ts';
import { useDocument } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, NumberField, SelectField, SwitchField, TextField } from '../fields.tsx';
import styles from '../inspector.module.css';
import { AddButton, ItemCard, movedBy, Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';
import { withoutUndefined } from './client-form.tsx';

type Targets = readonly { value: string; label: string }[];

/** A gateway: its routes in the order in which they are tried. */
export function GatewayForm({ id, node }: { id: string; node: NodeOf<'gateway'> }) {
  const { t } = useText();
  const { set } = useConfig<'gateway'>(id);
  const document = useDocument((state) => state.document);
  const { routes, port, replicas, timeoutMs } = node.config;
  const targets: Targets = Object.values(document.links)
    .filter((link) => link.kind === 'http' && link.from.node === id)
    .map((link) => ({ value: link.to.node, label: document.nodes[link.to.node]?.title ?? link.to.node }));
  const change = set('routes');
  const first = targets[0]?.value;
  return (
    <>
      <Section title={t('gateway.routes')} aside={t('gateway.routes.tip')}>
        <ol className={styles.list}>
          {routes.map((route, index) => (
            <ItemCard
              key={route.id}
              name={route.path}
              title={
                <>
                  <b className={styles.verb}>{route.methods?.join(' ') ?? '*'}</b>
                  <span>{route.path}</span>
                  <span className={styles.dim}>{wordsOfAction(route, targets, t('gateway.aggregate'))}</span>
                </>
              }
              isFirst={index === 0}
              isLast={index === routes.length - 1}
              onMove={(by) => void change(movedBy(routes, index, by))}
              onRemove={() => void change(routes.filter((known) => known !== route))}
            >
              <RouteFields
                route={route}
                targets={targets}
                onChange={(next) => change(routes.map((known, at) => (at === index ? withoutUndefined(next) : known)))}
              />
            </ItemCard>
          ))}
        </ol>
        {first === undefined ? (
          <p className={styles.dim}>{t('gateway.notConnected')}</p>
        ) : (
          <AddButton
            label={t('gateway.addRoute')}
            onClick={() => {
              const name = freeId('route', new Set(routes.map((route) => route.id)));
              const action = { kind: 'forward' as const, to: first, stripPrefix: false };
              void change([...routes, { id: name, match: 'prefix', path: `/api/${name}`, action }]);
            }}
          />
        )}
      </Section>
      <Section title={t('section.instances')}>
        <NumberField label={t('field.replicas')} value={replicas} min={1} max={20} onCommit={set('replicas')} />
        <NumberField label={t('field.port')} value={port} min={1} max={65_535} onCommit={set('port')} />
        <NumberField
          label={t('field.timeout')}
          value={timeoutMs}
          min={1}
          unit={t('units.ms')}
          onCommit={set('timeoutMs')}
        />
      </Section>
    </>
  );
}

function wordsOfAction({ action }: Route, targets: Targets, aggregate: string): string {
  if (action.kind === 'aggregate') return `${aggregate} ${action.parts.length}`;
  return `→ ${targets.find((target) => target.value === action.to)?.label ?? action.to}`;
}

interface RouteFieldsProps {
  route: Route;
  targets: Targets;
  onChange: Commit<Route>;
}

function RouteFields({ route, targets, onChange }: RouteFieldsProps) {
  const { t } = useText();
  const { action } = route;
  const first = targets[0]?.value ?? '';
  const toKind = (kind: 'forward' | 'aggregate') => {
    if (kind === action.kind) return null;
    if (kind === 'forward') return onChange({ ...route, action: { kind, to: first, stripPrefix: false } });
    const part = { id: 'first', to: first, method: 'GET' as const, path: '/', required: true };
    return onChange({
      ...route,
      action: { kind, mode: 'sequential', parts: [part], body: { first: '${ parts.first }' } },
    });
  };
  return (
    <>
      <SelectField
        label={t('gateway.match')}
        value={route.match}
        options={(['exact', 'prefix'] as const).map((value) => ({ value, label: t(`gateway.match.${value}`) }))}
        onCommit={(match) => onChange({ ...route, match })}
      />
      <TextField label={t('field.path')} value={route.path} isMono onCommit={(path) => onChange({ ...route, path })} />
      <TextField
        label={t('gateway.methods')}
        tip={t('gateway.methods.tip')}
        value={route.methods?.join(', ') ?? ''}
        isMono
        onCommit={(text) => {
          const methods = text
            .toUpperCase()
            .split(/[\s,]+/)
            .filter(Boolean);
          return onChange({ ...route, methods: methods.length > 0 ? methods : undefined } as Route);
        }}
      />
      <SelectField
        label={t('gateway.action')}
        value={action.kind}
        options={(['forward', 'aggregate'] as const).map((value) => ({ value, label: t(`gateway.${value}`) }))}
        onCommit={toKind}
      />
      {action.kind === 'forward' ? (
        <>
          <SelectField
            label={t('steps.to')}
            value={action.to}
            options={targets}
            onCommit={(to) => onChange({ ...route, action: { ...action, to } })}
          />
          <SwitchField
            label={t('gateway.stripPrefix')}
            tip={t('gateway.stripPrefix.tip')}
            value={action.stripPrefix}
            onCommit={(stripPrefix) => onChange({ ...route, action: { ...action, stripPrefix } })}
          />
        </>
      ) : (
        <>
          <SelectField
            label={t('gateway.mode')}
            value={action.mode}
            options={(['sequential', 'parallel'] as const).map((value) => ({
              value,
              label: t(`gateway.mode.${value}`),
            }))}
            onCommit={(mode) => onChange({ ...route, action: { ...action, mode } })}
          />
          <JsonField
            label={t('gateway.parts')}
            tip={t('gateway.parts.tip')}
            value={action.parts as unknown as Json}
            onCommit={(parts) =>
              onChange({ ...route, action: { ...action, parts: parts as unknown as typeof action.parts } })
            }
          />
          <JsonField
            label={t('steps.body')}
            value={action.body}
            onCommit={(body) => onChange({ ...route, action: { ...action, body: body ?? null } })}
          />
        </>
      )}
    </>
  );
}
