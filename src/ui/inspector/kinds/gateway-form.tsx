import { freeId } from '../../../core/topology/default-behaviour.ts';
import type { NodeOf, Route } from '../../../core/topology/types.ts';
import type { Json } from '../../../core/base/json.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, SelectField, SwitchField, TextField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import { DurationField, NumberField } from '../number-field.tsx';
import styles from '../inspector.module.css';
import { optionsOf } from '../record.ts';
import { useLinked, WordsField } from '../record-fields.tsx';
import { Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';

type Targets = readonly { value: string; label: string }[];

/** A gateway: its routes in the order in which they are tried. */
export function GatewayForm({ id, node }: { id: string; node: NodeOf<'gateway'> }) {
  const { t } = useText();
  const { set } = useConfig<'gateway'>(id);
  const { routes, port, replicas, timeoutMs } = node.config;
  const targets = useLinked(id, 'http');
  const first = targets[0]?.value;
  const make = (to: string): Route => {
    const name = freeId('route', new Set(routes.map((route) => route.id)));
    return { id: name, match: 'prefix', path: `/api/${name}`, action: { kind: 'forward', to, stripPrefix: false } };
  };
  return (
    <>
      <Section title={t('gateway.routes')} aside={t('gateway.routes.tip')}>
        <ListField
          items={routes}
          keyOf={(route) => route.id}
          nameOf={(route) => route.path}
          titleOf={(route) => (
            <>
              <b className={styles.verb}>{route.methods?.join(' ') ?? '*'}</b>
              <span>{route.path}</span>
              <span className={styles.dim}>{wordsOfAction(route, targets, t('gateway.aggregate'))}</span>
            </>
          )}
          onChange={set('routes')}
          add={first === undefined ? undefined : { label: t('gateway.addRoute'), make: () => make(first) }}
          missing={t('gateway.notConnected')}
        >
          {(route, change) => <RouteFields route={route} targets={targets} onChange={change} />}
        </ListField>
      </Section>
      <Section title={t('section.instances')}>
        <NumberField label={t('field.replicas')} value={replicas} min={1} max={20} onCommit={set('replicas')} />
        <NumberField label={t('field.port')} value={port} min={1} max={65_535} onCommit={set('port')} />
        <DurationField label={t('field.timeout')} value={timeoutMs} min={1} onCommit={set('timeoutMs')} />
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
        options={optionsOf(['exact', 'prefix'], (value) => t(`gateway.match.${value}`))}
        onCommit={(match) => onChange({ ...route, match })}
      />
      <TextField label={t('field.path')} value={route.path} isMono onCommit={(path) => onChange({ ...route, path })} />
      <WordsField
        label={t('gateway.methods')}
        tip={t('gateway.methods.tip')}
        value={route.methods}
        spell={(word) => word.toUpperCase()}
        onCommit={(methods) => onChange({ ...route, methods } as Route)}
      />
      <SelectField
        label={t('gateway.action')}
        value={action.kind}
        options={optionsOf(['forward', 'aggregate'], (value) => t(`gateway.${value}`))}
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
            options={optionsOf(['sequential', 'parallel'], (value) => t(`gateway.mode.${value}`))}
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
