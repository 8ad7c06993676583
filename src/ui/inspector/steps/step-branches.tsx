import { useState, type ReactNode } from 'react';
import { Trash2 } from 'lucide-react';
import type { Problem } from '../../../core/base/result.ts';
import type { Step } from '../../../core/topology/schema/types.ts';
import { IconButton } from '../../kit/button.tsx';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { ProblemLine, TextField } from '../fields.tsx';
import styles from '../inspector.module.css';
import { AddButton } from '../section.tsx';
// Steps hold lists of steps: the two files are one recursion.
// oxlint-disable-next-line import/no-cycle
import { StepList } from './step-list.tsx';

interface StepBranchesProps {
  step: Step;
  onChange: Commit<Step>;
}

/** The lists of steps inside a step. */
export function StepBranches({ step, onChange }: StepBranchesProps) {
  const { t } = useText();
  switch (step.do) {
    case 'each':
    case 'transaction':
      return (
        <Branch title={t('steps.inside')}>
          <StepList steps={step.steps} onChange={(steps) => onChange({ ...step, steps })} />
        </Branch>
      );
    case 'try':
      return (
        <>
          <Branch title={t('step.try')}>
            <StepList steps={step.steps} onChange={(steps) => onChange({ ...step, steps })} />
          </Branch>
          <ListOfBranches
            branches={step.catch}
            title={t('steps.catch')}
            fieldLabel={t('steps.catchCode')}
            field="code"
            fresh={{ code: '*', steps: [] }}
            onChange={(branches) => onChange({ ...step, catch: branches })}
          />
          <Branch title={t('steps.finally')}>
            <StepList
              steps={step.finally ?? []}
              onChange={(steps) => onChange({ ...step, finally: steps.length > 0 ? steps : undefined })}
            />
          </Branch>
        </>
      );
    case 'choose':
      return (
        <>
          <ListOfBranches
            branches={step.when}
            title={t('steps.when')}
            fieldLabel={t('steps.if')}
            field="if"
            fresh={{ if: 'true', steps: [] }}
            isLastNeeded
            onChange={(when) => onChange({ ...step, when })}
          />
          <Branch title={t('steps.else')}>
            <StepList
              steps={step.else ?? []}
              onChange={(steps) => onChange({ ...step, else: steps.length > 0 ? steps : undefined })}
            />
          </Branch>
        </>
      );
    case 'parallel':
      return (
        <ListOfBranches
          branches={step.branches}
          title={t('steps.branch')}
          fieldLabel={t('steps.branchName')}
          field="id"
          fresh={{ id: `branch-${step.branches.length + 1}`, steps: [] }}
          isLastNeeded
          onChange={(branches) => onChange({ ...step, branches })}
        />
      );
    default:
      return null;
  }
}

function Branch({ title, tools, children }: { title: string; tools?: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.branch}>
      <h4>
        {title}
        {tools}
      </h4>
      {children}
    </div>
  );
}

type Named<F extends string> = { [K in F]: string } & { steps: Step[] };
interface ListOfBranchesProps<F extends string> {
  branches: Named<F>[];
  title: string;
  fieldLabel: string;
  field: F;
  fresh: Named<F>;
  isLastNeeded?: boolean;
  onChange: Commit<Named<F>[]>;
}

function ListOfBranches<F extends string>(props: ListOfBranchesProps<F>) {
  const { branches, title, fieldLabel, field, fresh, isLastNeeded, onChange } = props;
  const { t } = useText();
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <>
      {branches.map((branch, index) => {
        const change = (next: Named<F>) => onChange(branches.map((known, at) => (at === index ? next : known)));
        const remove = !(isLastNeeded && branches.length === 1) && (
          <IconButton
            label={t('list.remove', { name: branch[field] })}
            onClick={() => setProblem(onChange(branches.filter((known) => known !== branch)))}
          >
            <Trash2 size={12} aria-hidden="true" />
          </IconButton>
        );
        return (
          // Branches have no id of their own in every kind; their order is what they are.
          // oxlint-disable-next-line react/no-array-index-key
          <Branch key={index} title={title} tools={remove}>
            <TextField
              label={fieldLabel}
              value={branch[field]}
              isMono
              onCommit={(next) => change({ ...branch, [field]: next })}
            />
            <StepList steps={branch.steps} onChange={(steps) => change({ ...branch, steps })} />
          </Branch>
        );
      })}
      <ProblemLine problem={problem} />
      <AddButton label={title} onClick={() => setProblem(onChange([...branches, fresh]))} />
    </>
  );
}
