import { Power, Skull, X } from 'lucide-react';
import { useState } from 'react';
import type { FaultOf, TopologyNode } from '../../core/topology/types.ts';
import { flattenSteps, handlersOf } from '../../core/topology/steps.ts';
import { declaredOnes, pipOf, replicasOf } from '../faces/health.ts';
import { Pip } from '../faces/pip.tsx';
import { Button, IconButton } from '../kit/button.tsx';
import { formatAddress } from '../run/format.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useInstances, useNodeView, useRun, useRunStore } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { SelectField, TextField } from './fields.tsx';
import { NumberField } from './number-field.tsx';
import styles from './inspector.module.css';
import { Section } from './section.tsx';
import { stepSummary } from './steps/step-summary.ts';

/** What runs now: instances that can be killed and started, counters, faults. All of it goes through recorded inputs. */
export function RunTab({ id, node }: { id: string; node: TopologyNode }) {
  const { t, number } = useText();
  const view = useNodeView(id);
  return (
    <>
      <InstanceList id={id} node={node} />
      {node.kind === 'service' && <Faults id={id} node={node} />}
      <Section title={t('runTab.measured')} aside={t('runTab.measured.tip')}>
        <p className={styles.row}>
          <span>{t('runTab.handled')}</span>
          {number(view?.handled ?? 0)}
        </p>
        <p className={styles.row}>
          <span>{t('runTab.failed')}</span>
          {number(view?.failed ?? 0)}
        </p>
        {Object.entries(view?.byOperation ?? {})
          .sort(([, a], [, b]) => b - a)
          .slice(0, 12)
          .map(([operation, count]) => (
            <p key={operation} className={styles.row}>
              <span className={styles.mono}>{operation}</span>
              {number(count)}
            </p>
          ))}
      </Section>
    </>
  );
}

function InstanceList({ id, node }: { id: string; node: TopologyNode }) {
  const { t, reason } = useText();
  const run = useRunStore();
  const instances = declaredOnes(useInstances(id), replicasOf(node));
  return (
    <Section title={t('section.instances')}>
      {instances.length === 0 && <p className={styles.dim}>{t('reason.notRunning')}</p>}
      {instances.map((instance) => {
        const isUp = instance.status === 'passing' || instance.status === 'starting';
        const state = pipOf(instance);
        return (
          <div key={instance.instance} className={styles.row}>
            <Pip state={state} label={t(`state.${state}`)} />
            <span>
              {instance.instance}{' '}
              <span className={styles.dim}>
                {instance.reason === null ? formatAddress(instance.address) : reason(instance.reason)}
              </span>
            </span>
            {isUp ? (
              <Button onClick={() => void run.inject({ kind: 'instance.kill', instance: instance.instance })}>
                <Skull size={13} aria-hidden="true" />
                {t('runTab.kill')}
              </Button>
            ) : (
              <Button onClick={() => void run.inject({ kind: 'instance.start', instance: instance.instance })}>
                <Power size={13} aria-hidden="true" />
                {t('runTab.start')}
              </Button>
            )}
          </div>
        );
      })}
    </Section>
  );
}

type Service = Extract<TopologyNode, { kind: 'service' }>;

/** Steps that fail on purpose: not a crash, the handler sees an error with a code. */
function Faults({ id, node }: { id: string; node: Service }) {
  const { t, number } = useText();
  const run = useRunStore();
  const title = useTitles();
  // What is set now, also while the past is looked at: clearing acts on now.
  const faults = useRun(({ faultsNow }) => faultsNow);
  const active = [...faults.values()].filter(
    (fault): fault is FaultOf<'step-error'> => fault.kind === 'step-error' && fault.node === id,
  );
  const steps = new Map(
    handlersOf(node.config).flatMap((handler) => flattenSteps(handler.steps).map((one) => [one.id, one] as const)),
  );
  /** What a step does, before its id: ids alone say little. */
  const nameOfStep = (step: string): string => {
    const known = steps.get(step);
    if (!known) return step;
    return [t(`step.${known.do}`), stepSummary(known, title), `(${step})`].filter((part) => part !== '').join(' ');
  };
  const options = [...steps.keys()].map((step) => ({ value: step, label: nameOfStep(step) }));
  const [step, setStep] = useState(options[0]?.value ?? '');
  const [code, setCode] = useState('failed');
  const [percent, setPercent] = useState(100);
  return (
    <Section title={t('faults.title')} aside={t('faults.tip')}>
      {active.map((fault) => (
        <div key={fault.step} className={styles.row}>
          <span>
            {nameOfStep(fault.step)}{' '}
            <span className={styles.dim}>{`${fault.code} · ${number(fault.rate * 100)} %`}</span>
          </span>
          <IconButton
            label={t('faults.clear', { step: fault.step })}
            onClick={() => void run.inject({ kind: 'fault.clear', fault })}
          >
            <X size={13} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      {options.length > 0 && (
        <>
          <SelectField
            label={t('faults.step')}
            value={step}
            options={options}
            onCommit={(next) => {
              setStep(next);
              return null;
            }}
          />
          <TextField
            label={t('steps.code')}
            value={code}
            isMono
            onCommit={(next) => {
              setCode(next);
              return null;
            }}
          />
          <NumberField
            label={t('faults.rate')}
            value={percent}
            min={0}
            max={100}
            unit="%"
            onCommit={(next) => {
              setPercent(next);
              return null;
            }}
          />
          <Button
            onClick={() =>
              void run.inject({
                kind: 'fault.set',
                fault: { kind: 'step-error', node: id, step, rate: percent / 100, code },
              })
            }
          >
            {t('faults.set')}
          </Button>
        </>
      )}
    </Section>
  );
}
