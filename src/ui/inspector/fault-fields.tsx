import { linkFaultKinds, nodeFaultKinds } from '../../core/topology/schema/fault.ts';
import type { Fault, LinkKind, TopologyNode } from '../../core/topology/schema/types.ts';
import { flattenSteps, handlersOf } from '../../core/topology/steps.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useText } from '../text/use-text.tsx';
import type { Commit } from './apply-edit.ts';
import { SelectField } from './fields.tsx';
import { freshLinkFault, freshNodeFault } from './policies/fresh.ts';
import policyStyles from './policies/policies.module.css';
import { SpecFields } from './policies/spec-fields.tsx';
import { stepSummary } from './steps/step-summary.ts';

/** Words of every step of a service, by its id. */
export type Steps = ReadonlyMap<string, string>;
export const NO_STEPS: Steps = new Map();

/** Characters of what a step does that an option has room for beside its id. */
const GIST = 32;
const shortened = (text: string): string => (text.length > GIST ? `${text.slice(0, GIST - 1)}…` : text);

/** Says the steps of a node, none for what is no service. */
export function useSteps(): (node: TopologyNode) => Steps {
  const { t } = useText();
  const title = useTitles();
  return (node) => {
    if (node.kind !== 'service') return NO_STEPS;
    const steps = handlersOf(node.config).flatMap((handler) => flattenSteps(handler.steps));
    return new Map(
      steps.map((step) => [
        step.id,
        // What a step does, before its id: ids alone say little.
        [t(`step.${step.do}`), shortened(stepSummary(step, title)), `(${step.id})`].filter(Boolean).join(' '),
      ]),
    );
  };
}

/** Every fault that a node can have, as a form begins with it. */
export function faultsOfNode(id: string, node: TopologyNode, steps: Steps): Fault[] {
  const [step = ''] = steps.keys();
  return nodeFaultKinds(node).map((kind) => freshNodeFault(kind, id, step));
}

/** The same of a link. */
export const faultsOfLink = (id: string, kind: LinkKind): Fault[] =>
  linkFaultKinds(kind).map((one) => freshLinkFault(one, id));

interface FaultFieldsProps {
  /** Every fault that its target can have. */
  fresh: readonly Fault[];
  steps: Steps;
  value: Fault;
  onChange: Commit<Fault>;
}

/** Which fault of a target, what it means, and its numbers. */
export function FaultFields({ fresh, steps, value, onChange }: FaultFieldsProps) {
  const { t } = useText();
  return (
    <>
      <SelectField
        label={t('faults.kind')}
        tip={t('faults.kind.tip')}
        value={value.kind}
        options={fresh.map(({ kind }) => ({ value: kind, label: t(`fault.kind.${kind}`) }))}
        onCommit={(kind) => onChange(fresh.find((one) => one.kind === kind) ?? value)}
      />
      <p className={policyStyles.explain}>{t(`fault.kind.${value.kind}.tip`)}</p>
      {value.kind === 'step-error' && (
        <SelectField
          label={t('faults.step')}
          isTall
          value={value.step}
          options={[...steps].map(([step, label]) => ({ value: step, label }))}
          onCommit={(step) => onChange({ ...value, step })}
        />
      )}
      <SpecFields key={value.kind} area={`fault.${value.kind}`} value={value} onChange={onChange} />
    </>
  );
}
