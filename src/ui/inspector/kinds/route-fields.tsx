import type { ConfigOf, Route } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SelectField, TextField } from '../fields.tsx';
import { DurationField } from '../number-field.tsx';
import { ChoicesField } from '../policies/choices-field.tsx';
import { Fold, Folds, OptionalFold } from '../policies/fold.tsx';
import { RateLimitFold, RetriesFold } from '../policies/policy-folds.tsx';
import { SpecFields } from '../policies/spec-fields.tsx';
import { TransformFold } from '../policies/transform-fold.tsx';
import { optionsOf } from '../record.ts';
import { OptionalFields, WordsField } from '../record-fields.tsx';
import { AggregateFields } from './aggregate-fields.tsx';
import { ConditionsField } from './conditions-field.tsx';
import { ForwardFields } from './forward-fields.tsx';
import { RouteProtocol, RpcPlace } from './rpc-route-fields.tsx';

export type Targets = readonly { value: string; label: string }[];

interface RouteFieldsProps {
  route: Route;
  gateway: ConfigOf<'gateway'>;
  /** Services behind the gateway by protocol. */
  linked: { http: Targets; grpc: Targets };
  onChange: Commit<Route>;
}
const CLIENT_KINDS = ['web', 'mobile', 'iot'] as const;

/** One route: what it matches, where it leads, and what it asks for on the way. */
export function RouteFields({ route, gateway, linked, onChange }: RouteFieldsProps) {
  const { t } = useText();
  const { action } = route;
  const isRpc = route.protocol === 'grpc';
  const targets = linked[route.protocol ?? 'http'];
  const first = targets[0]?.value ?? '';
  const set =
    <F extends keyof Route>(field: F): Commit<Route[F] | undefined> =>
    (value) =>
      onChange({ ...route, [field]: value });
  const toKind = (kind: 'forward' | 'aggregate') => {
    if (kind === action.kind) return null;
    if (kind === 'forward') return onChange({ ...route, action: { kind, to: first, stripPrefix: false } });
    const part = { id: 'first', to: first, method: 'GET' as const, path: '/', required: true };
    return onChange({
      ...route,
      action: { kind, mode: 'sequential', parts: [part], body: { first: '${ parts.first }' } },
    });
  };
  const matches: readonly Route['match'][] =
    gateway.matching === 'nginx' ? ['exact', 'prefix', 'prefix-first', 'regex'] : ['exact', 'prefix', 'template'];
  return (
    <>
      <RouteProtocol route={route} targets={linked} onChange={onChange} />
      {isRpc ? (
        <RpcPlace route={route} targets={targets} onChange={onChange} />
      ) : (
        <>
          <SelectField
            label={t('gateway.match')}
            value={route.match}
            options={optionsOf(matches, (value) => t(`gateway.match.${value}`))}
            onCommit={(match) => onChange({ ...route, match })}
          />
          <TextField
            label={t('field.path')}
            {...(route.match === 'template' && { tip: t('gateway.template.tip') })}
            value={route.path}
            isMono
            onCommit={(path) => onChange({ ...route, path })}
          />
          <WordsField
            label={t('gateway.methods')}
            tip={t('gateway.methods.tip')}
            value={route.methods}
            spell={(word) => word.toUpperCase()}
            onCommit={set('methods')}
          />
          <SelectField
            label={t('gateway.action')}
            value={action.kind}
            options={optionsOf(['forward', 'aggregate'], (value) => t(`gateway.${value}`))}
            onCommit={toKind}
          />
        </>
      )}
      {action.kind === 'forward' ? (
        <ForwardFields
          action={action}
          isRpc={isRpc}
          targets={targets}
          onChange={(next) => onChange({ ...route, action: next })}
        />
      ) : (
        <AggregateFields action={action} targets={targets} onChange={(next) => onChange({ ...route, action: next })} />
      )}
      <Folds>
        {gateway.matching !== 'nginx' && <ConditionsFold route={route} gateway={gateway} set={set} />}
        <RateLimitFold value={route.rateLimit} onCommit={set('rateLimit')} />
        <RetriesFold value={route.retries} onCommit={set('retries')} />
        <RouteTimeout route={route} fallback={gateway.timeoutMs} onCommit={set('timeoutMs')} />
        {(gateway.auth !== undefined || route.auth !== undefined) && (
          <OptionalFold
            title={t('policy.auth')}
            explain={t('routeAuth.tip')}
            value={route.auth}
            fresh={{ required: true }}
            summary={(auth) =>
              auth.required ? (auth.scopes?.join(' ') ?? t('routeAuth.anybody')) : t('routeAuth.open')
            }
            onCommit={set('auth')}
          >
            {(auth, change) => <SpecFields area="routeAuth" value={auth} onChange={change} />}
          </OptionalFold>
        )}
        {(!isRpc || route.transform !== undefined) && (
          <TransformFold value={route.transform} onCommit={set('transform')} />
        )}
      </Folds>
    </>
  );
}

type SetRoute = <F extends keyof Route>(field: F) => Commit<Route[F] | undefined>;

/** What must hold besides the path: headers, query, kind of client, version. */
function ConditionsFold({ route, gateway, set }: { route: Route; gateway: ConfigOf<'gateway'>; set: SetRoute }) {
  const { t } = useText();
  const isRpc = route.protocol === 'grpc';
  const versions = gateway.versioning?.versions.map(({ name }) => name) ?? [];
  const said = [
    ...Object.keys(route.headers ?? {}),
    ...Object.keys(route.query ?? {}).map((name) => `?${name}`),
    ...(route.clientKinds ?? []).map((kind) => t(`client.kind.${kind}`)),
    ...(route.version === undefined ? [] : [route.version]),
  ];
  return (
    <Fold title={t('conditions.title')} explain={t('conditions.tip')} summary={said.join(', ') || null}>
      <ConditionsField
        label={t(isRpc ? 'conditions.metadata' : 'conditions.headers')}
        addLabel={t('field.addHeader')}
        freshName="x-header"
        value={route.headers}
        onCommit={set('headers')}
      />
      {!isRpc && (
        <ConditionsField
          label={t('conditions.query')}
          addLabel={t('conditions.addQuery')}
          freshName="name"
          value={route.query}
          onCommit={set('query')}
        />
      )}
      <ChoicesField
        label={t('conditions.clientKinds')}
        tip={t('conditions.clientKinds.tip')}
        value={route.clientKinds ?? []}
        options={optionsOf(CLIENT_KINDS, (kind) => t(`client.kind.${kind}`))}
        onCommit={(kinds) =>
          set('clientKinds')(kinds.length > 0 ? (kinds as (typeof CLIENT_KINDS)[number][]) : undefined)
        }
      />
      {!isRpc && versions.length > 0 && (
        <SelectField
          label={t('field.version')}
          value={route.version ?? ''}
          options={[
            { value: '', label: t('conditions.anyVersion') },
            ...versions.map((name) => ({ value: name, label: name })),
          ]}
          onCommit={(version) => set('version')(version === '' ? undefined : version)}
        />
      )}
    </Fold>
  );
}

function RouteTimeout({
  route,
  fallback,
  onCommit,
}: {
  route: Route;
  fallback: number;
  onCommit: Commit<number | undefined>;
}) {
  const { t, number } = useText();
  const { timeoutMs } = route;
  return (
    <Fold
      title={t('field.timeout')}
      explain={t('gateway.routeTimeout.tip')}
      summary={timeoutMs === undefined ? null : t('unit.ms', { value: number(timeoutMs) })}
    >
      <OptionalFields label={t('gateway.routeTimeout')} value={timeoutMs} fresh={fallback} onCommit={onCommit}>
        {(value, change) => <DurationField label={t('field.timeout')} value={value} min={1} onCommit={change} />}
      </OptionalFields>
    </Fold>
  );
}
