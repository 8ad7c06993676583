import { HEALTH_CHECK_DEFAULTS, OUTLIER_DEFAULTS, UPSTREAM_DEFAULTS } from '../../../core/balance/presets.ts';
import type { NodeOf, Versioning } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SelectField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import styles from '../inspector.module.css';
import { Folds, OptionalFold } from '../policies/fold.tsx';
import { CORS, VERSIONING } from '../policies/fresh.ts';
import { RateLimitFold, RetriesFold } from '../policies/policy-folds.tsx';
import { SpecFields } from '../policies/spec-fields.tsx';
import { summariesOf } from '../policies/summaries.ts';
import { TransformFold } from '../policies/transform-fold.tsx';
import { optionsOf, withoutUndefined } from '../record.ts';
import { Section } from '../section.tsx';
import { useConfig } from '../use-config.ts';
import { AuthFold } from './auth-fold.tsx';
import { BalanceFold } from './balance-fold.tsx';

/** What a gateway does with every request, whatever its route. */
export function GatewayPolicies({ id, node }: { id: string; node: NodeOf<'gateway'> }) {
  const texts = useText();
  const { t } = texts;
  const { patch } = useConfig<'gateway'>(id);
  const { config } = node;
  const say = summariesOf(texts);
  const set =
    <F extends keyof typeof config>(field: F): Commit<(typeof config)[F] | undefined> =>
    (value) =>
      // An absent policy is an absent field: `patch` takes undefined fields out.
      patch({ [field]: value } as Partial<typeof config>);
  return (
    <>
      <Section title={t('policies.entry')} aside={t('policies.entry.tip')}>
        <SelectField
          label={t('gateway.matching')}
          tip={t('gateway.matching.tip')}
          value={config.matching ?? 'gateway-api'}
          options={optionsOf(['gateway-api', 'nginx'], (mode) => t(`gateway.matching.${mode}`))}
          onCommit={(mode) => set('matching')(mode === 'nginx' ? mode : undefined)}
        />
        <Folds>
          <AuthFold id={id} value={config.auth} onCommit={set('auth')} />
          <RateLimitFold value={config.rateLimit} onCommit={set('rateLimit')} />
          <OptionalFold
            title={t('policy.cors')}
            explain={t('policy.cors.tip')}
            value={config.cors}
            fresh={CORS}
            summary={say.cors}
            onCommit={set('cors')}
          >
            {(cors, change) => <SpecFields area="cors" value={cors} onChange={change} />}
          </OptionalFold>
          {(config.matching !== 'nginx' || config.versioning !== undefined) && (
            <OptionalFold
              title={t('policy.versioning')}
              explain={t('policy.versioning.tip')}
              value={config.versioning}
              fresh={VERSIONING}
              summary={say.versioning}
              onCommit={set('versioning')}
            >
              {(versioning, change) => <VersioningFields versioning={versioning} onChange={change} />}
            </OptionalFold>
          )}
          <TransformFold value={config.transform} onCommit={set('transform')} />
        </Folds>
        <SelectField
          label="X-Request-Id"
          tip={t('gateway.requestId.tip')}
          value={config.requestId ?? 'keep'}
          options={optionsOf(['keep', 'replace'], (value) => t(`gateway.requestId.${value}`))}
          onCommit={(value) => set('requestId')(value === 'replace' ? value : undefined)}
        />
      </Section>
      <Section title={t('policies.upstream')} aside={t('policies.upstream.tip')}>
        <Folds>
          <BalanceFold value={config.loadBalancing} onCommit={set('loadBalancing')} />
          <RetriesFold value={config.retries} onCommit={set('retries')} />
          <OptionalFold
            title={t('policy.outlier')}
            explain={t('policy.outlier.tip')}
            value={config.outlierDetection}
            fresh={OUTLIER_DEFAULTS}
            summary={say.outlier}
            onCommit={set('outlierDetection')}
          >
            {(outlier, change) => <SpecFields area="outlier" value={outlier} onChange={change} />}
          </OptionalFold>
          <OptionalFold
            title={t('policy.healthChecks')}
            explain={t('policy.healthChecks.tip')}
            value={config.healthChecks}
            fresh={HEALTH_CHECK_DEFAULTS}
            summary={say.healthChecks}
            onCommit={set('healthChecks')}
          >
            {(checks, change) => <SpecFields area="healthChecks" value={checks} onChange={change} />}
          </OptionalFold>
          <OptionalFold
            title={t('policy.upstream')}
            explain={t('policy.upstream.tip')}
            value={config.upstreamLimits}
            fresh={UPSTREAM_DEFAULTS}
            summary={(limits) => t('upstream.summary', { count: limits.maxRequests })}
            onCommit={set('upstreamLimits')}
          >
            {(limits, change) => <SpecFields area="upstream" value={limits} onChange={change} />}
          </OptionalFold>
        </Folds>
      </Section>
    </>
  );
}

type Version = Versioning['versions'][number];

function VersioningFields({ versioning, onChange }: { versioning: Versioning; onChange: Commit<Versioning> }) {
  const { t } = useText();
  const taken = new Set(versioning.versions.map(({ name }) => name));
  const nextName = (): string => {
    for (let number = taken.size + 1; ; number += 1) if (!taken.has(`v${number}`)) return `v${number}`;
  };
  return (
    <>
      <SelectField
        label={t('versioning.by')}
        value={versioning.by}
        options={optionsOf(['path', 'header', 'media-type'], (by) => t(`versioning.by.${by}`))}
        onCommit={(by) => {
          const { header: _, ...rest } = versioning;
          return onChange(by === 'header' ? { ...rest, by, header: 'x-api-version' } : { ...rest, by });
        }}
      />
      <SpecFields
        area="versioning"
        value={versioning}
        onChange={onChange}
        without={versioning.by === 'header' ? [] : ['header']}
      />
      <SelectField
        label={t('versioning.unknown')}
        tip={t('versioning.unknown.tip')}
        value={String(versioning.unknown)}
        options={optionsOf(['404', '406'])}
        onCommit={(unknown) => onChange({ ...versioning, unknown: unknown === '406' ? 406 : 404 })}
      />
      <ListField
        items={versioning.versions}
        keyOf={({ name }) => name}
        nameOf={({ name }) => name}
        titleOf={({ name, deprecatedAt, sunsetAt }) => (
          <>
            <b className={styles.verb}>{name}</b>
            <span className={styles.dim}>{[deprecatedAt, sunsetAt].filter(Boolean).join(' → ')}</span>
          </>
        )}
        isOrdered={false}
        onChange={(versions) => onChange({ ...versioning, versions })}
        add={{ label: t('versioning.add'), make: (): Version => ({ name: nextName() }) }}
      >
        {(version, change) => (
          <SpecFields area="version" value={version} onChange={(next) => change(withoutUndefined(next))} />
        )}
      </ListField>
    </>
  );
}
