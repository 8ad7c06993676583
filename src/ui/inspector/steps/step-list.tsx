import { useContext, useState } from 'react';
import type { Problem } from '../../../core/base/result.ts';
import { idsOf } from '../../../core/topology/steps.ts';
import type { Step } from '../../../core/topology/schema/types.ts';
import { useDocument } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { ProblemLine } from '../fields.tsx';
import styles from '../inspector.module.css';
import { ItemCard, movedBy } from '../section.tsx';
import { newStep, possibleKinds, wiringOf } from './new-step.ts';
// Steps hold lists of steps: the two files are one recursion.
// oxlint-disable-next-line import/no-cycle
import { StepBranches } from './step-branches.tsx';
import { StepFields } from './step-fields.tsx';
import { STEP_KINDS, type StepKind } from './step-forms.ts';
import { StepOwner } from './step-owner.ts';
import { stepSummary } from './step-summary.ts';

interface StepListProps {
  steps: readonly Step[];
  onChange: Commit<Step[]>;
}

/** The steps of a handler or a branch, in order; inner lists are the same component again. */
export function StepList({ steps, onChange }: StepListProps) {
  const { service, allSteps, answers } = useContext(StepOwner);
  const { t } = useText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const document = useDocument((state) => state.document);
  const nameOf = (id: string) => document.nodes[id]?.title ?? document.nodes[id]?.name ?? id;
  const kinds = possibleKinds(wiringOf(document, service), STEP_KINDS, answers);
  return (
    <>
      <ol className={styles.list}>
        {steps.map((step, index) => {
          const change: Commit<Step> = (next) => onChange(steps.map((known, at) => (at === index ? next : known)));
          return (
            <ItemCard
              key={step.id}
              name={step.id}
              title={
                <>
                  <b className={styles.verb} data-quiet={step.do === 'log' || step.do === 'wait'}>
                    {t(`step.${step.do}`)}
                  </b>
                  <span>{stepSummary(step, nameOf)}</span>
                </>
              }
              isFirst={index === 0}
              isLast={index === steps.length - 1}
              onMove={(by) => setProblem(onChange(movedBy(steps, index, by)))}
              onRemove={() => setProblem(onChange(steps.filter((known) => known !== step)))}
            >
              <StepFields step={step} onChange={change} />
              <StepBranches step={step} onChange={change} />
            </ItemCard>
          );
        })}
      </ol>
      <ProblemLine problem={problem} />
      <div className={styles.add}>
        <select
          aria-label={t('steps.add')}
          value=""
          onChange={(event) => {
            const kind = event.target.value as StepKind;
            const step = newStep(kind, document, service, idsOf(allSteps));
            // Before the answer: what comes after it happens when the caller is gone already.
            const last = steps.at(-1);
            const at = last?.do === 'respond' && kind !== 'respond' ? steps.length - 1 : steps.length;
            setProblem(onChange([...steps.slice(0, at), step, ...steps.slice(at)]));
          }}
        >
          <option value="" disabled>
            {`+ ${t('steps.add')}`}
          </option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`step.${kind}`)}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}
