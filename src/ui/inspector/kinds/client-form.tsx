import { freeId } from '../../../core/topology/wiring/default-behaviour.ts';
import { MAX_USERS } from '../../../core/topology/check/max-users.ts';
import type { ClientRequest, ConfigOf, Document, NodeOf } from '../../../core/topology/schema/types.ts';
import { useDocument } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, SelectField, TextField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import { DurationField, NumberField } from '../number-field.tsx';
import styles from '../inspector.module.css';
import { optionsOf } from '../record.ts';
import { PairsField, useLinked } from '../record-fields.tsx';
import { rpcsBehind } from '../rpcs-behind.ts';
import { Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';
import { MethodField } from './method-field.tsx';
import { ProtocolChoice, type Protocol } from './protocol-choice.tsx';

type Load = ConfigOf<'client'>['load'];

/** What each model of load begins with. */
const FRESH_LOAD: { readonly [M in Load['model']]: Extract<Load, { model: M }> } = {
  open: { model: 'open', ratePerSecond: 1, arrival: 'exponential' },
  closed: { model: 'closed', users: 10, thinkTimeMs: 1000 },
};

/** A client: how much it sends, and what. */
export function ClientForm({ id, node }: { id: string; node: NodeOf<'client'> }) {
  const { t } = useText();
  const { set } = useConfig<'client'>(id);
  const { clientKind, load, timeoutMs } = node.config;
  return (
    <>
      <Section title={t('client.load')}>
        <SelectField
          label={t('client.kind')}
          value={clientKind}
          options={optionsOf(['web', 'mobile', 'iot'], (value) => t(`client.kind.${value}`))}
          onCommit={set('clientKind')}
        />
        <SelectField
          label={t('client.model')}
          tip={t('client.model.tip')}
          value={load.model}
          options={optionsOf(['open', 'closed'], (value) => t(`client.model.${value}`))}
          onCommit={(model) => set('load')(FRESH_LOAD[model])}
        />
        <LoadFields load={load} onChange={set('load')} />
        <DurationField label={t('field.timeout')} value={timeoutMs} min={1} onCommit={set('timeoutMs')} />
      </Section>
      <RequestMix id={id} config={node.config} />
    </>
  );
}

/** Open: requests come at a rate and wait for nobody. Closed: users wait for their answers and think. */
function LoadFields({ load, onChange }: { load: Load; onChange: Commit<Load> }) {
  const { t } = useText();
  if (load.model === 'open')
    return (
      <>
        <NumberField
          label={t('client.rate')}
          tip={t('client.rate.tip')}
          value={load.ratePerSecond}
          min={0}
          max={10_000}
          step={0.5}
          unit={t('units.perSecond')}
          onCommit={(ratePerSecond) => onChange({ ...load, ratePerSecond })}
        />
        <SelectField
          label={t('client.arrival')}
          tip={t('client.arrival.tip')}
          value={load.arrival}
          options={optionsOf(['exponential', 'constant'], (value) => t(`arrival.${value}`))}
          onCommit={(arrival) => onChange({ ...load, arrival })}
        />
      </>
    );
  return (
    <>
      <NumberField
        label={t('client.users')}
        tip={t('client.users.tip')}
        value={load.users}
        min={1}
        max={MAX_USERS}
        onCommit={(users) => onChange({ ...load, users })}
      />
      <DurationField
        label={t('client.thinkTime')}
        tip={t('client.thinkTime.tip')}
        value={load.thinkTimeMs}
        onCommit={(thinkTimeMs) => onChange({ ...load, thinkTimeMs })}
      />
    </>
  );
}

const NO_LOGIN = '';

/** The requests of a client, and which of them logs in. */
function RequestMix({ id, config }: { id: string; config: ConfigOf<'client'> }) {
  const { t } = useText();
  const { set, patch } = useConfig<'client'>(id);
  const targets = useLinked(id, 'http');
  const rpcTargets = useLinked(id, 'grpc');
  const { requests, login } = config;
  const to = targets[0]?.value;
  const rpcTo = rpcTargets[0]?.value;
  const document = useDocument((state) => state.document);
  const total = requests.reduce((sum, request) => sum + request.weight, 0);
  const make = (target: string): ClientRequest => {
    const fresh = freeId('request', new Set(requests.map((request) => request.id)));
    return { id: fresh, name: 'GET /', weight: 0, method: 'GET', path: '/', to: target };
  };
  const overHttp = to === undefined ? undefined : () => make(to);
  const overRpc = rpcTo === undefined ? undefined : () => requestOver(document, make(rpcTo), 'grpc', rpcTo);
  const makeOne = overHttp ?? overRpc;
  // An absent login is an absent field: `patch` takes undefined fields out.
  const logInBy = (request: string | undefined, rest: Partial<typeof config> = {}) =>
    patch({ ...rest, login: request } as Partial<typeof config>);
  return (
    <Section title={t('client.requests')} aside={t('client.requests.tip')}>
      <ListField
        items={requests}
        keyOf={(request) => request.id}
        nameOf={(request) => request.name || request.id}
        titleOf={({ id: request, protocol, method, path, weight }) => (
          <>
            <b className={styles.verb}>{protocol === 'grpc' ? 'gRPC' : method}</b>
            <span>{path}</span>
            <span className={styles.dim}>
              {request === login
                ? t('client.isLogin')
                : weight === 0 || total === 0
                  ? t('face.byHand')
                  : `${Math.round((weight / total) * 100)} %`}
            </span>
          </>
        )}
        onChange={set('requests')}
        onRemove={(gone) => {
          const left = requests.filter((known) => known !== gone);
          return gone.id === login ? logInBy(undefined, { requests: left }) : set('requests')(left);
        }}
        add={makeOne && { label: t('client.addRequest'), make: makeOne }}
        missing={t('client.notConnected')}
      >
        {(request, change) => (
          <RequestFields request={request} linked={{ http: targets, grpc: rpcTargets }} onChange={change} />
        )}
      </ListField>
      {requests.length > 0 && (
        <SelectField
          label={t('client.login')}
          tip={t('client.login.tip')}
          value={login ?? NO_LOGIN}
          options={[
            { value: NO_LOGIN, label: t('client.login.none') },
            ...requests.map((request) => ({ value: request.id, label: request.name || request.id })),
          ]}
          onCommit={(next) => logInBy(next === NO_LOGIN ? undefined : next)}
        />
      )}
    </Section>
  );
}

interface RequestFieldsProps {
  request: ClientRequest;
  /** Whom the client may send to, by protocol. */
  linked: Record<Protocol, readonly { value: string; label: string }[]>;
  onChange: Commit<ClientRequest>;
}

/** A request like this one over the other protocol; over gRPC it calls the first rpc that there is. */
function requestOver(document: Document, request: ClientRequest, protocol: Protocol, to: string): ClientRequest {
  const { protocol: _, ...rest } = request;
  if (protocol === 'http') return { ...rest, method: 'GET', path: '/', to };
  const [rpc = ''] = rpcsBehind(document, to);
  const name = rpc.split('/')[1] ?? rpc;
  return { ...rest, protocol, name, method: 'POST', path: `/${rpc}`, body: request.body ?? {}, to };
}

/** The method that a request over gRPC calls, among those that its service answers or its gateway routes. */
function RpcField({ request, onChange }: { request: ClientRequest; onChange: Commit<ClientRequest> }) {
  const { t } = useText();
  const document = useDocument((state) => state.document);
  const rpcs = rpcsBehind(document, request.to);
  const present = request.path.slice(1);
  const known = rpcs.includes(present) ? rpcs : [present, ...rpcs];
  return (
    <SelectField
      label={t('client.rpc')}
      value={present}
      options={known.map((rpc) => ({ value: rpc, label: rpc }))}
      onCommit={(rpc) => onChange({ ...request, path: `/${rpc}` })}
    />
  );
}

function RequestFields({ request, linked, onChange }: RequestFieldsProps) {
  const { t } = useText();
  const document = useDocument((state) => state.document);
  const targets = linked[request.protocol ?? 'http'];
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
      <ProtocolChoice
        value={request.protocol ?? 'http'}
        isOffered={(protocol) => linked[protocol].length > 0}
        onChoose={(protocol) => onChange(requestOver(document, request, protocol, linked[protocol][0]?.value ?? ''))}
      />
      {request.protocol === 'grpc' ? (
        <RpcField request={request} onChange={onChange} />
      ) : (
        <>
          <MethodField value={request.method} onCommit={set('method')} />
          <TextField label={t('field.path')} value={request.path} isMono onCommit={set('path')} />
        </>
      )}
      <SelectField label={t('steps.to')} value={request.to} options={targets} onCommit={set('to')} />
      <PairsField
        label={t(request.protocol === 'grpc' ? 'conditions.metadata' : 'steps.headers')}
        value={request.headers}
        addLabel={t('field.addHeader')}
        freshName="x-header"
        onCommit={set('headers')}
      />
      <JsonField label={t('steps.body')} value={request.body} isOptional onCommit={set('body')} />
    </>
  );
}
