import { useState } from 'react';
import { resolutions } from '../../core/balance/presets.ts';
import { bootAddresses } from '../../core/fabric/boot-addresses.ts';
import { nodeOf } from '../../core/fabric/message.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import { updateLink } from '../../core/topology/edit/edit.ts';
import type { Document, Link } from '../../core/topology/schema/types.ts';
import { Tabs } from '../kit/tabs.tsx';
import { useDocument, useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { applyEdit, type Commit } from './apply-edit.ts';
import { LinkFaults } from './faults.tsx';
import { SelectField } from './fields.tsx';
import styles from './inspector.module.css';
import { DistributionFields } from './latency-fields.tsx';
import { LinkKindField } from './link-kind-field.tsx';
import { DurationField, NumberField } from './number-field.tsx';
import { withoutUndefined } from './record.ts';
import { WordsField } from './record-fields.tsx';
import { Section } from './section.tsx';

/** A link: how messages travel on it, whom its caller reaches, and what goes wrong there. */
export function LinkForm({ id, link }: { id: string; link: Link }) {
  const { t } = useText();
  const [tab, setTab] = useState('settings');
  return (
    <Tabs
      label={t('inspector.title')}
      value={tab}
      onChange={setTab}
      items={[
        { id: 'settings', label: t('inspector.settings'), content: <LinkSettings id={id} link={link} /> },
        { id: 'run', label: t('inspector.run'), content: <LinkFaults id={id} kind={link.kind} /> },
      ]}
    />
  );
}

function LinkSettings({ id, link }: { id: string; link: Link }) {
  const services = useServices();
  const { t } = useText();
  const { latency } = link.config;
  const change: Commit<Partial<Link['config']>> = (next) =>
    applyEdit(services, (document) => ({
      ok: true,
      value: updateLink(document, id, { config: withoutUndefined({ ...link.config, ...next }) }).diff,
    }));
  return (
    <>
      <Section title={t('inspector.link')} aside={t(`link.${link.kind}`)}>
        <p className={styles.dim}>{t(`link.${link.kind}.explain`)}</p>
        <LinkKindField id={id} link={link} />
      </Section>
      {(link.kind === 'http' || link.kind === 'grpc') && (
        <ResolveSection link={link} onCommit={(resolve) => change({ resolve })} />
      )}
      <Section title={t('link.latency')} aside={t('link.latency.tip')}>
        <DistributionFields
          value={latency.distribution}
          onCommit={(distribution) => change({ latency: { ...latency, distribution } })}
        />
        <NumberField
          label={t('link.minUs')}
          tip={t('link.minUs.tip')}
          value={latency.minUs}
          min={50}
          step={50}
          unit="µs"
          onCommit={(minUs) => change({ latency: { ...latency, minUs } })}
        />
      </Section>
    </>
  );
}

type Resolve = Link['config']['resolve'];

function ResolveSection({ link, onCommit }: { link: Link; onCommit: Commit<Resolve> }) {
  const { t } = useText();
  const document = useDocument((state) => state.document);
  const { resolve } = link.config;
  const ways = resolutions(addressesOf(document, link.to.node));
  const by = resolve?.by ?? 'automatic';
  return (
    <Section title={t('resolve.title')} aside={t('resolve.tip')}>
      <SelectField
        label={t('resolve.by')}
        value={by}
        options={[
          { value: 'automatic', label: t('resolve.by.automatic') },
          ...ways.map((way) => ({ value: way.by, label: t(`resolve.by.${way.by}`) })),
        ]}
        onCommit={(next) => onCommit(ways.find((way) => way.by === next))}
      />
      <p className={styles.dim}>{t(`resolve.by.${by}.tip`)}</p>
      {resolve?.by === 'dns' && (
        <DurationField
          label={t('resolve.ttlMs')}
          tip={t('resolve.ttlMs.tip')}
          value={resolve.ttlMs}
          onCommit={(ttlMs) => onCommit({ ...resolve, ttlMs })}
        />
      )}
      {resolve?.by === 'static' && (
        <WordsField
          label={t('resolve.addresses')}
          tip={t('resolve.addresses.tip')}
          value={resolve.addresses}
          onCommit={(addresses) => onCommit({ ...resolve, addresses: addresses ?? [] })}
        />
      )}
    </Section>
  );
}

/** Addresses that the instances of a node have when a run begins. */
const addressesOf = (document: Document, node: string): string[] =>
  [...bootAddresses(compileTopology(document))].flatMap(([instance, address]) =>
    nodeOf(instance) === node ? [address] : [],
  );
