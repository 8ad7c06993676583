import { sortedEntries } from '../../core/topology/sorted.ts';
import { updateMeta } from '../../core/topology/edit/edit.ts';
import { faultKey, faultTarget } from '../../core/topology/schema/fault.ts';
import type { Demo, Document, Fault } from '../../core/topology/schema/types.ts';
import { titleOf } from '../faces/face.ts';
import { Dialog } from '../kit/dialog.tsx';
import { useTitles, useTopology } from '../run/use-document-facts.ts';
import { useRunStore } from '../run/use-run.ts';
import { useServices } from '../services.tsx';
import { LANGUAGES } from '../text/catalogue.ts';
import { useText } from '../text/use-text.tsx';
import { applyEdit, localProblem, type Commit } from './apply-edit.ts';
import { FaultFields, faultsOfLink, faultsOfNode, NO_STEPS, useSteps } from './fault-fields.tsx';
import { SelectField, TextField } from './fields.tsx';
import styles from './inspector.module.css';
import { Fold, Folds } from './policies/fold.tsx';
import { freshNodeFault } from './policies/fresh.ts';
import { withoutUndefined } from './record.ts';
import { OptionalFields } from './record-fields.tsx';
import { Section } from './section.tsx';

type Primary = Demo['primary'];
type Break = NonNullable<Demo['break']>;
type Labels = Primary['labels'];

/** The buttons of the run bar that a document brings: one that sends a request of a client, one that breaks something and heals it. */
export function DemoDialog() {
  const services = useServices();
  const { t } = useText();
  const { demo, ...document } = useTopology();
  const requests = requestsOf(document);
  const first = requests[0];
  const commit: Commit<Demo | undefined> = (next) =>
    applyEdit(services, (now) => ({ ok: true, value: updateMeta(now, { demo: next ?? null }).diff }));
  return (
    <Dialog title={t('demo.title')} width={440} onClose={() => services.view.openDialog(null)}>
      <div className={styles.parts}>
        <Section title={t('demo.send')} aside={t('demo.send.tip')}>
          {demo === undefined && first === undefined ? (
            <p className={styles.dim}>{t('demo.noRequest')}</p>
          ) : (
            <OptionalFields
              label={t('demo.shown')}
              value={demo?.primary}
              fresh={{ label: first?.name ?? '', client: first?.client ?? '', request: first?.request ?? '' }}
              onCommit={(primary) => commit(primary && { ...demo, primary })}
            >
              {(primary, change) => <PrimaryFields primary={primary} requests={requests} onChange={change} />}
            </OptionalFields>
          )}
        </Section>
        {demo && <BreakSection demo={demo} document={document} onChange={commit} />}
      </div>
    </Dialog>
  );
}

interface SendChoice {
  client: string;
  request: string;
  name: string;
  label: string;
}

/** Every request of every client. */
const requestsOf = ({ nodes }: Pick<Document, 'nodes'>): SendChoice[] =>
  sortedEntries(nodes).flatMap(([client, node]) =>
    node.kind === 'client'
      ? node.config.requests.map(({ id, name, method, path }) => {
          const said = name || `${method} ${path}`;
          return { client, request: id, name: said, label: `${titleOf(node)}: ${said}` };
        })
      : [],
  );

interface PrimaryFieldsProps {
  primary: Primary;
  requests: readonly SendChoice[];
  onChange: Commit<Primary>;
}

function PrimaryFields({ primary, requests, onChange }: PrimaryFieldsProps) {
  const { t } = useText();
  const key = ({ client, request }: Pick<Primary, 'client' | 'request'>) => `${client}/${request}`;
  return (
    <>
      <SelectField
        label={t('demo.request')}
        isTall
        value={key(primary)}
        options={requests.map((one) => ({ value: key(one), label: one.label }))}
        onCommit={(chosen) => {
          const found = requests.find((one) => key(one) === chosen);
          return onChange(found ? { ...primary, client: found.client, request: found.request } : primary);
        }}
      />
      <WordFields
        name={t('demo.label')}
        label={primary.label}
        labels={primary.labels}
        onChange={(label, labels) => onChange(withoutUndefined({ ...primary, label, labels }) as Primary)}
      />
    </>
  );
}

interface BreakSectionProps {
  demo: Demo;
  document: Pick<Document, 'nodes' | 'links'>;
  onChange: Commit<Demo>;
}

function BreakSection({ demo, document, onChange }: BreakSectionProps) {
  const { t } = useText();
  const title = useTitles();
  const run = useRunStore();
  const [target] = sortedEntries(document.nodes).find(([, { kind }]) => kind === 'service') ?? [demo.primary.client];
  const fresh: Break = {
    label: t('demo.break.fresh', { name: title(target) }),
    healLabel: t('demo.heal.fresh', { name: title(target) }),
    fault: freshNodeFault(target === demo.primary.client ? 'pause' : 'outage', target, ''),
  };
  const commit: Commit<Break | undefined> = (next) => {
    const problem = onChange(withoutUndefined({ ...demo, break: next }) as Demo);
    const was = demo.break?.fault;
    // A button that means something else now is not pressed any more.
    if (problem === null && was && next?.fault !== was && run.get().faultsNow.has(faultKey(was)))
      void run.inject({ kind: 'fault.clear', fault: was });
    return problem;
  };
  return (
    <Section title={t('demo.break')} aside={t('demo.break.tip')}>
      <OptionalFields label={t('demo.shown')} value={demo.break} fresh={fresh} onCommit={commit}>
        {(broken, change) => <BreakFields broken={broken} document={document} onChange={change} />}
      </OptionalFields>
    </Section>
  );
}

interface BreakFieldsProps {
  broken: Break;
  document: Pick<Document, 'nodes' | 'links'>;
  onChange: Commit<Break>;
}

function BreakFields({ broken, document: { nodes, links }, onChange }: BreakFieldsProps) {
  const { t } = useText();
  const title = useTitles();
  const stepsOf = useSteps();
  const faultsOf = (id: string): { fresh: Fault[]; steps: typeof NO_STEPS } => {
    const [node, link] = [nodes[id], links[id]];
    const steps = node ? stepsOf(node) : NO_STEPS;
    const fresh = node ? faultsOfNode(id, node, steps) : link ? faultsOfLink(id, link.kind) : [];
    return { fresh, steps };
  };
  const at = faultTarget(broken.fault);
  const targets = [
    ...sortedEntries(nodes).map(([id, node]) => ({ value: id, label: titleOf(node) })),
    ...sortedEntries(links).map(([id, { kind, from, to }]) => ({
      value: id,
      label: `${title(from.node)} → ${title(to.node)} (${t(`link.${kind}`)})`,
    })),
  ];
  return (
    <>
      <SelectField
        label={t('demo.at')}
        isTall
        value={at}
        options={targets}
        onCommit={(target) => {
          const { fresh } = faultsOf(target);
          const fault = fresh.find(({ kind }) => kind === broken.fault.kind) ?? fresh[0];
          return onChange(fault ? { ...broken, fault } : broken);
        }}
      />
      <FaultFields {...faultsOf(at)} value={broken.fault} onChange={(fault) => onChange({ ...broken, fault })} />
      <WordFields
        name={t('demo.label')}
        label={broken.label}
        labels={broken.labels}
        onChange={(label, labels) => onChange(withoutUndefined({ ...broken, label, labels }) as Break)}
      />
      <WordFields
        name={t('demo.healLabel')}
        label={broken.healLabel}
        labels={broken.healLabels}
        onChange={(healLabel, healLabels) => onChange(withoutUndefined({ ...broken, healLabel, healLabels }) as Break)}
      />
    </>
  );
}

interface WordFieldsProps {
  name: string;
  label: string;
  labels: Labels;
  /** Labels are undefined when no language has its own. */
  onChange: (label: string, labels: Labels) => ReturnType<Commit<string>>;
}

/** The words on a button, and those of each language of the interface that has its own. */
function WordFields({ name, label, labels, onChange }: WordFieldsProps) {
  const { t } = useText();
  const own = LANGUAGES.filter(({ id }) => labels?.[id] !== undefined).map((language) => language.label);
  const setIn = (language: string, text: string) => {
    const next = withoutUndefined({ ...labels, [language]: text === '' ? undefined : text }) as NonNullable<Labels>;
    return onChange(label, Object.keys(next).length === 0 ? undefined : next);
  };
  return (
    <>
      <TextField
        label={name}
        value={label}
        onCommit={(text) =>
          text.trim() === '' ? localProblem('LABEL_EMPTY', t('demo.needsWords')) : onChange(text, labels)
        }
      />
      <Folds>
        <Fold title={t('demo.languages', { what: name })} summary={own.length === 0 ? null : own.join(', ')}>
          {LANGUAGES.map((language) => (
            <TextField
              key={language.id}
              label={language.label}
              value={labels?.[language.id] ?? ''}
              placeholder={label}
              onCommit={(text) => setIn(language.id, text)}
            />
          ))}
        </Fold>
      </Folds>
    </>
  );
}
