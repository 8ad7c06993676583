import type { Auth, Document } from '../../../core/topology/schema/types.ts';
import type { JsonObject } from '../../../core/base/json.ts';
import { freeId } from '../../../core/topology/wiring/default-behaviour.ts';
import { useDocument } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, SelectField, TextField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import { OptionalFold } from '../policies/fold.tsx';
import { SpecFields } from '../policies/spec-fields.tsx';
import { summariesOf } from '../policies/summaries.ts';
import { optionsOf } from '../record.ts';

type Jwt = Extract<Auth, { kind: 'jwt' }>;

/** Services that issue tokens, with the path of their public keys; those whose keys can be had first. */
function issuersOf(document: Document, gateway: string) {
  const isLinked = (id: string) =>
    Object.values(document.links).some(
      ({ kind, from, to }) => kind === 'http' && from.node === gateway && to.node === id,
    );
  return Object.entries(document.nodes)
    .flatMap(([id, node]) => {
      if (node.kind !== 'service' || node.config.tokens === undefined) return [];
      const keys = node.config.endpoints.find(({ steps }) => steps.some((step) => step.do === 'jwks'));
      const path = keys?.path ?? '/.well-known/jwks.json';
      const { tokens } = node.config;
      // A shared secret needs no link; public keys are fetched over one.
      const isReady = tokens.algorithm === 'HS256' || isLinked(id);
      return [{ id, title: node.title ?? node.name, tokens, path, isReady }];
    })
    .sort((a, b) => Number(b.isReady) - Number(a.isReady));
}
type Issuer = ReturnType<typeof issuersOf>[number];

/** The public key of RFC 8037 appendix A.2: valid as it is, to be replaced by one's own. */
const SAMPLE_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const API_KEYS: Auth = { kind: 'api-key', header: 'x-api-key', keys: [{ key: 'key-1', consumer: 'web' }] };
const byIssuer = ({ id, tokens, path }: Issuer): Jwt => ({
  kind: 'jwt',
  issuer: tokens.issuer,
  audience: ['api'],
  algorithms: [tokens.algorithm],
  leewaySeconds: 60,
  jwks: { kind: 'node', node: id, path, cacheMs: 300_000 },
});
const byPastedKeys: Jwt = {
  kind: 'jwt',
  issuer: 'https://issuer.example',
  audience: ['api'],
  algorithms: ['EdDSA'],
  leewaySeconds: 60,
  jwks: { kind: 'inline', keys: [SAMPLE_KEY] },
};

interface AuthFoldProps {
  id: string;
  value: Auth | undefined;
  onCommit: Commit<Auth | undefined>;
}

/** Who may enter: tokens of an Auth service, tokens by pasted keys, or API keys. */
export function AuthFold({ id, value, onCommit }: AuthFoldProps) {
  const texts = useText();
  const { t } = texts;
  const document = useDocument((state) => state.document);
  const issuers = issuersOf(document, id);
  const issuer = issuers.find(({ isReady }) => isReady);
  const jwt = issuer ? byIssuer(issuer) : byPastedKeys;
  return (
    <OptionalFold
      title={t('policy.auth')}
      explain={t('policy.auth.tip')}
      value={value}
      fresh={issuer ? jwt : API_KEYS}
      summary={summariesOf(texts).auth}
      onCommit={onCommit}
    >
      {(auth, change) => (
        <>
          <SelectField
            label={t('auth.kind')}
            value={auth.kind}
            options={optionsOf(['jwt', 'api-key'], (kind) => t(`auth.kind.${kind}`))}
            onCommit={(kind) => change(kind === 'jwt' ? jwt : API_KEYS)}
          />
          {auth.kind === 'jwt' ? (
            <JwtFields auth={auth} issuers={issuers} onChange={change} />
          ) : (
            <ApiKeyFields auth={auth} onChange={change} />
          )}
        </>
      )}
    </OptionalFold>
  );
}

const PASTED = '';

function JwtFields({ auth, issuers, onChange }: { auth: Jwt; issuers: readonly Issuer[]; onChange: Commit<Auth> }) {
  const { t } = useText();
  const { jwks } = auth;
  return (
    <>
      <SelectField
        label={t('auth.jwks')}
        tip={t('auth.jwks.tip')}
        value={jwks.kind === 'node' ? jwks.node : PASTED}
        options={[
          ...issuers.map(({ id, title }) => ({ value: id, label: title })),
          { value: PASTED, label: t('auth.jwks.inline') },
        ]}
        onCommit={(source) => {
          const chosen = issuers.find((one) => one.id === source);
          return onChange(chosen ? byIssuer(chosen) : byPastedKeys);
        }}
      />
      <SpecFields area="auth.jwt" value={auth} onChange={onChange} />
      {jwks.kind === 'node' ? (
        // A shared secret is fetched from nowhere.
        auth.algorithms.some((algorithm) => algorithm !== 'HS256') && (
          <SpecFields area="auth.jwks" value={jwks} onChange={(next) => onChange({ ...auth, jwks: next })} />
        )
      ) : (
        <JsonField
          label={t('auth.keys')}
          tip={t('auth.keys.tip')}
          value={jwks.keys}
          onCommit={(keys) => onChange({ ...auth, jwks: { ...jwks, keys: keys as JsonObject[] } })}
        />
      )}
    </>
  );
}

function ApiKeyFields({ auth, onChange }: { auth: Extract<Auth, { kind: 'api-key' }>; onChange: Commit<Auth> }) {
  const { t } = useText();
  const make = () => {
    const key = freeId('key', new Set(auth.keys.map((known) => known.key)));
    return { key, consumer: key };
  };
  return (
    <>
      <TextField
        label={t('auth.header')}
        value={auth.header}
        isMono
        onCommit={(header) => onChange({ ...auth, header })}
      />
      <ListField
        items={auth.keys}
        keyOf={({ key }) => key}
        nameOf={({ consumer }) => consumer}
        titleOf={({ key, consumer }) => <span>{`${consumer}: ${key}`}</span>}
        isOrdered={false}
        onChange={(keys) => onChange({ ...auth, keys })}
        add={{ label: t('auth.addKey'), make }}
      >
        {(one, change) => <SpecFields area="auth.key" value={one} onChange={change} />}
      </ListField>
    </>
  );
}
