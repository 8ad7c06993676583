import { changeTokens } from '../../../core/topology/edit/issuer.ts';
import type { ConfigOf, NodeOf } from '../../../core/topology/schema/types.ts';
import { useServices } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import { applyEdit, type Commit } from '../apply-edit.ts';
import { Folds, OptionalFold } from '../policies/fold.tsx';
import { probeOn } from '../policies/fresh.ts';
import policyStyles from '../policies/policies.module.css';
import { SpecFields } from '../policies/spec-fields.tsx';
import { summariesOf } from '../policies/summaries.ts';
import { withoutUndefined } from '../record.ts';
import { OptionalFields } from '../record-fields.tsx';
import { Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';

type Config = ConfigOf<'service'>;
const PROBES = ['startup', 'readiness', 'liveness'] as const;

/** Kubernetes gives 30 s to finish. */
const FRESH_RELEASE: NonNullable<Config['release']> = { strategy: 'rolling', graceMs: 30_000 };
const FRESH_KEY: Omit<NonNullable<Config['tokens']>, 'issuer'> = { algorithm: 'EdDSA', ttlSeconds: 300 };

/** How a service lives: how much at once, how it is asked about its health, how a new version arrives, whether it issues tokens. */
export function ServicePolicies({ id, node }: { id: string; node: NodeOf<'service'> }) {
  const texts = useText();
  const { t, number } = texts;
  const services = useServices();
  const { patch } = useConfig<'service'>(id);
  const { config } = node;
  const setTokens: Commit<Config['tokens']> = (tokens) =>
    applyEdit(services, (document) => ({ ok: true, value: changeTokens(document, id, tokens).diff }));
  const say = summariesOf(texts);
  const set =
    <F extends keyof Config>(field: F): Commit<Config[F] | undefined> =>
    (value) =>
      patch({ [field]: value } as Partial<Config>);
  return (
    <Section title={t('policies.life')}>
      <Folds>
        <OptionalFold
          title={t('policy.concurrency')}
          explain={t('policy.concurrency.tip')}
          value={config.concurrency}
          fresh={{ limit: 10, maxQueued: 100 }}
          summary={({ limit, maxQueued }) =>
            t('concurrency.summary', { limit: number(limit), queued: number(maxQueued) })
          }
          onCommit={set('concurrency')}
        >
          {(concurrency, change) => <SpecFields area="concurrency" value={concurrency} onChange={change} />}
        </OptionalFold>
        <HealthFold config={config} summary={say.health} onCommit={set('health')} />
        <OptionalFold
          title={t('policy.release')}
          explain={t('policy.release.tip')}
          value={config.release}
          fresh={FRESH_RELEASE}
          summary={({ strategy }) => t(`release.strategy.${strategy}`)}
          onCommit={set('release')}
        >
          {(release, change) => <SpecFields area="release" value={release} onChange={change} />}
        </OptionalFold>
        <OptionalFold
          title={t('policy.tokens')}
          explain={t('policy.tokens.tip')}
          value={config.tokens}
          fresh={{ issuer: `http://${node.name}`, ...FRESH_KEY }}
          summary={({ issuer }) => issuer}
          onCommit={setTokens}
        >
          {(tokens, change) => <SpecFields area="tokens" value={tokens} onChange={change} />}
        </OptionalFold>
      </Folds>
    </Section>
  );
}

type Health = NonNullable<Config['health']>;

function HealthFold({
  config,
  summary,
  onCommit,
}: {
  config: Config;
  summary: (health: Health) => string;
  onCommit: Commit<Health | undefined>;
}) {
  const { t } = useText();
  // A path that is answered: what to probe is the author's choice, that somebody answers is not.
  const asked = config.endpoints.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
  const fresh = probeOn((asked.find(({ path }) => /health|ready|about/.test(path)) ?? asked[0])?.path ?? '/health');
  return (
    <OptionalFold
      title={t('policy.health')}
      explain={t('policy.health.tip')}
      value={config.health}
      fresh={{ readiness: fresh }}
      summary={summary}
      onCommit={onCommit}
    >
      {(health, change) =>
        PROBES.map((kind) => (
          <OptionalFields
            key={kind}
            label={t(`health.${kind}`)}
            tip={t(`health.${kind}.tip`)}
            value={health[kind]}
            fresh={fresh}
            onCommit={(probe) => change(withoutUndefined({ ...health, [kind]: probe }))}
          >
            {(probe, set) => (
              <div className={policyStyles.subfields}>
                <SpecFields
                  area="probe"
                  value={probe}
                  onChange={set}
                  // Kubernetes allows one success only for these two.
                  without={kind === 'readiness' ? [] : ['successThreshold']}
                />
              </div>
            )}
          </OptionalFields>
        ))
      }
    </OptionalFold>
  );
}
