import type { Route } from '../../../core/topology/schema/types.ts';
import { useDocument } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SelectField } from '../fields.tsx';
import { rpcsOfServices } from '../rpcs-behind.ts';
import { ProtocolChoice } from './protocol-choice.tsx';
import type { Targets } from './route-fields.tsx';

/** A route like this one over the other protocol: what both have stays, what means nothing there goes. */
export function routeOver(route: Route, protocol: 'http' | 'grpc', to: string): Route {
  const { id, headers, clientKinds, timeoutMs, auth, rateLimit, retries } = route;
  const kept = Object.fromEntries(
    Object.entries({ headers, clientKinds, timeoutMs, auth, rateLimit, retries }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const action = { kind: 'forward', to, stripPrefix: false } as const;
  return protocol === 'grpc'
    ? { id, protocol, match: 'prefix', path: '/', action, ...kept }
    : { id, match: 'prefix', path: `/api/${id}`, action, ...kept };
}

interface ProtocolProps {
  route: Route;
  /** Services behind the gateway by protocol. */
  targets: { http: Targets; grpc: Targets };
  onChange: Commit<Route>;
}

/** What a route takes, where the gateway has services behind it over both protocols. */
export function RouteProtocol({ route, targets, onChange }: ProtocolProps) {
  return (
    <ProtocolChoice
      value={route.protocol ?? 'http'}
      isOffered={(protocol) => targets[protocol].length > 0}
      onChoose={(next) => onChange(routeOver(route, next, targets[next][0]?.value ?? ''))}
    />
  );
}

interface RpcPlaceProps {
  route: Route;
  targets: Targets;
  onChange: Commit<Route>;
}

/** Which rpcs a route takes: all, those of a service, or one, among what the services behind it answer. */
export function RpcPlace({ route, targets, onChange }: RpcPlaceProps) {
  const { t } = useText();
  const document = useDocument((state) => state.document);
  const rpcs = rpcsOfServices(
    document,
    targets.map(({ value }) => value),
  );
  const services = [...new Set(rpcs.map((rpc) => rpc.split('/')[0] ?? ''))];
  const places = ['/', ...services.map((service) => `/${service}`), ...rpcs.map((rpc) => `/${rpc}`)];
  const known = places.includes(route.path) ? places : [route.path, ...places];
  const label = (path: string): string => {
    if (path === '/') return t('gateway.rpc.all');
    return path.slice(1).includes('/') ? path.slice(1) : t('gateway.rpc.service', { service: path.slice(1) });
  };
  return (
    <SelectField
      label={t('gateway.rpc')}
      value={route.path}
      options={known.map((path) => ({ value: path, label: label(path) }))}
      onCommit={(path) => onChange({ ...route, path, match: path.slice(1).includes('/') ? 'exact' : 'prefix' })}
    />
  );
}
