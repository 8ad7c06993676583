import { freeId } from '../../../core/topology/wiring/default-behaviour.ts';
import { GRPC_PORT } from '../../../core/topology/wiring/default-grpc.ts';
import type { NodeOf, Route } from '../../../core/topology/schema/types.ts';
import { routeName } from '../../faces/gateway-lines.ts';
import { useText } from '../../text/use-text.tsx';
import { ListField } from '../list-field.tsx';
import { DurationField, NumberField } from '../number-field.tsx';
import styles from '../inspector.module.css';
import { OptionalFields, useLinked } from '../record-fields.tsx';
import { Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';
import { GatewayPolicies } from './gateway-policies.tsx';
import { RouteFields, type Targets } from './route-fields.tsx';
import { routeOver } from './rpc-route-fields.tsx';

/** A gateway: its routes in the order in which they are tried, then what it does with every request. */
export function GatewayForm({ id, node }: { id: string; node: NodeOf<'gateway'> }) {
  const { t } = useText();
  const { set } = useConfig<'gateway'>(id);
  const { routes, port, replicas, timeoutMs } = node.config;
  const { patch } = useConfig<'gateway'>(id);
  const linked = { http: useLinked(id, 'http'), grpc: useLinked(id, 'grpc') };
  const targets = [...linked.http, ...linked.grpc];
  const first = targets[0]?.value;
  const make = (to: string): Route => {
    const name = freeId('route', new Set(routes.map((route) => route.id)));
    const fresh: Route = { id: name, match: 'prefix', path: '/', action: { kind: 'forward', to, stripPrefix: false } };
    return routeOver(fresh, linked.http.length > 0 ? 'http' : 'grpc', to);
  };
  return (
    <>
      <Section title={t('gateway.routes')} aside={t('gateway.routes.tip')}>
        <ListField
          items={routes}
          keyOf={(route) => route.id}
          nameOf={routeName}
          titleOf={(route) => (
            <>
              {route.protocol === undefined && <b className={styles.verb}>{route.methods?.join(' ') ?? '*'}</b>}
              <span>{routeName(route)}</span>
              <span className={styles.dim}>{wordsOfAction(route, targets, t('gateway.aggregate'))}</span>
            </>
          )}
          onChange={set('routes')}
          add={first === undefined ? undefined : { label: t('gateway.addRoute'), make: () => make(first) }}
          missing={t('gateway.notConnected')}
        >
          {(route, change) => <RouteFields route={route} gateway={node.config} linked={linked} onChange={change} />}
        </ListField>
      </Section>
      <GatewayPolicies id={id} node={node} />
      <Section title={t('section.instances')}>
        <NumberField label={t('field.replicas')} value={replicas} min={1} max={20} onCommit={set('replicas')} />
        <NumberField label={t('field.port')} value={port} min={1} max={65_535} onCommit={set('port')} />
        <OptionalFields
          label={t('gateway.grpc')}
          tip={t('gateway.grpc.tip')}
          value={node.config.grpc}
          fresh={{ port: port === GRPC_PORT ? GRPC_PORT + 1 : GRPC_PORT }}
          // An absent listener is an absent field: `patch` takes undefined fields out.
          onCommit={(grpc) => patch({ grpc } as Partial<typeof node.config>)}
        >
          {(grpc, change) => (
            <NumberField
              label={t('gateway.grpcPort')}
              value={grpc.port}
              min={1}
              max={65_535}
              onCommit={(next) => change({ port: next })}
            />
          )}
        </OptionalFields>
        <DurationField label={t('field.timeout')} value={timeoutMs} min={1} onCommit={set('timeoutMs')} />
      </Section>
    </>
  );
}

function wordsOfAction({ action }: Route, targets: Targets, aggregate: string): string {
  if (action.kind === 'aggregate') return `${aggregate} ${action.parts.length}`;
  const nameOf = (id: string) => targets.find((target) => target.value === id)?.label ?? id;
  if (action.split === undefined) return `→ ${nameOf(action.to)}`;
  return `→ ${action.split.map(({ to, weight }) => `${nameOf(to)} ${weight}`).join(' : ')}`;
}
