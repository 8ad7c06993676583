import { X } from 'lucide-react';
import { useState } from 'react';
import { faultKey, faultTarget } from '../../core/topology/schema/fault.ts';
import type { Fault, LinkKind, TopologyNode } from '../../core/topology/schema/types.ts';
import { Button, IconButton } from '../kit/button.tsx';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { FaultFields, faultsOfLink, faultsOfNode, NO_STEPS, useSteps, type Steps } from './fault-fields.tsx';
import styles from './inspector.module.css';
import policyStyles from './policies/policies.module.css';
import { summariesOf } from './policies/summaries.ts';
import { Section } from './section.tsx';

interface FormProps {
  /** The kind that the form begins with. */
  begin?: Fault['kind'];
  /** Called when a fault was set. */
  onSet?: () => void;
  /** The dialog around it says whose faults they are. */
  isBare?: boolean;
}

/** What can go wrong at a node, set and cleared while the run goes on. */
export function NodeFaults({ id, node, ...form }: FormProps & { id: string; node: TopologyNode }) {
  const steps = useSteps()(node);
  return <Faults target={id} fresh={faultsOfNode(id, node, steps)} steps={steps} {...form} />;
}

/** What can go wrong on a link, set and cleared while the run goes on. */
export function LinkFaults({ id, kind, ...form }: FormProps & { id: string; kind: LinkKind }) {
  return <Faults target={id} fresh={faultsOfLink(id, kind)} steps={NO_STEPS} {...form} />;
}

type FaultsProps = FormProps & { target: string; fresh: readonly Fault[]; steps: Steps };

function Faults({ target, fresh, steps, begin, onSet, isBare }: FaultsProps) {
  const { t } = useText();
  // What is set now, also while the past is looked at: clearing acts on now.
  const faults = useRun(({ faultsNow }) => faultsNow);
  const isRunning = useRun(({ definition }) => definition !== null);
  const [draft, setDraft] = useState<Fault | undefined>(fresh.find(({ kind }) => kind === begin) ?? fresh[0]);
  const active = [...faults.values()].filter((fault) => faultTarget(fault) === target);
  const change = (next: Fault) => {
    setDraft(next);
    return null;
  };
  const form = (
    <>
      {active.map((fault) => (
        <FaultRow key={faultKey(fault)} fault={fault} steps={steps} />
      ))}
      {draft && (
        <>
          <FaultFields fresh={fresh} steps={steps} value={draft} onChange={change} />
          <SetButton draft={draft} isRunning={isRunning} onSet={onSet} />
        </>
      )}
    </>
  );
  if (isBare) return <div className={styles.bare}>{form}</div>;
  return (
    <Section title={t('faults.title')} aside={t('faults.tip')}>
      {form}
    </Section>
  );
}

interface SetButtonProps {
  draft: Fault;
  isRunning: boolean;
  onSet: (() => void) | undefined;
}

function SetButton({ draft, isRunning, onSet }: SetButtonProps) {
  const { t } = useText();
  const run = useRunStore();
  return (
    <div className={policyStyles.actions}>
      <Button
        disabledReason={isRunning ? null : t('reason.notRunning')}
        onClick={() => {
          void run.inject({ kind: 'fault.set', fault: draft });
          onSet?.();
        }}
      >
        {t('faults.set')}
      </Button>
    </div>
  );
}

function FaultRow({ fault, steps }: { fault: Fault; steps: Steps }) {
  const texts = useText();
  const { t } = texts;
  const run = useRunStore();
  const kind = t(`fault.kind.${fault.kind}`);
  const place = fault.kind === 'step-error' ? (steps.get(fault.step) ?? fault.step) : '';
  return (
    <div className={styles.row} data-testid={`fault-${fault.kind}`}>
      <span>
        {place || kind} <span className={styles.dim}>{summariesOf(texts).fault(fault)}</span>
      </span>
      <IconButton
        label={t('faults.clear', { what: place || kind })}
        onClick={() => void run.inject({ kind: 'fault.clear', fault })}
      >
        <X size={13} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
