import { useContext } from 'react';
import type { Json } from '../../../core/base/json.ts';
import type { Document, Step } from '../../../core/topology/schema/types.ts';
import { useDocument } from '../../services.tsx';
import { isTextKey } from '../../text/texts.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, SelectField, SwitchField, TextField } from '../fields.tsx';
import { NumberField } from '../number-field.tsx';
import { CallPolicyFields } from './call-policy-fields.tsx';
import { callableOf, wiringOf } from './new-step.ts';
import { readAt, STEP_FORMS, writeAt, type StepField } from './step-forms.ts';
import { StepOwner, type Answers } from './step-owner.ts';

interface StepFieldsProps {
  step: Step;
  onChange: Commit<Step>;
}

/** A value as a text field shows it. */
const wordsOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** The fields of a step that something reads: a gRPC method takes a message and metadata alone, only a message is delivered again. */
function fieldsOf(step: Step, answers: Answers, document: Document): readonly StepField[] {
  const fields: readonly StepField[] = STEP_FORMS[step.do];
  const unread = new Set<string>();
  if (step.do === 'fail' && answers !== 'message') unread.add('retriable');
  const callee = step.do === 'call' ? document.nodes[step.to] : undefined;
  const methods = callee?.kind === 'service' ? (callee.config.grpc?.methods ?? []) : [];
  if (step.do === 'call' && (callee?.kind === 'gateway' || methods.some(({ id }) => id === step.endpoint)))
    for (const part of ['input.params', 'input.query']) unread.add(part);
  // What is set stays in sight, so that it can be taken out.
  return fields.filter(({ at }) => !unread.has(at) || readAt(step, at) !== undefined);
}

/** The form of one step. */
export function StepFields({ step, onChange }: StepFieldsProps) {
  const { t } = useText();
  const { answers } = useContext(StepOwner);
  const document = useDocument((state) => state.document);
  const fields = fieldsOf(step, answers, document);
  return (
    <>
      {fields.map((field) => (
        <OneField key={field.at} field={field} step={step} onChange={onChange} />
      ))}
      {step.do === 'call' && <CallPolicyFields step={step} onChange={onChange} />}
      {/* A mark of what a step sends to another service; others send nothing that could carry it. */}
      {(step.do === 'call' || step.do === 'publish' || step.compensates !== undefined) && (
        <TextField
          label={t('steps.compensates')}
          tip={t('steps.compensates.tip')}
          value={step.compensates ?? ''}
          onCommit={(next) => onChange(writeAt(step, 'compensates', next === '' ? undefined : next))}
        />
      )}
    </>
  );
}

function OneField({ field, step, onChange }: StepFieldsProps & { field: StepField }) {
  const { t } = useText();
  const label = t(field.label);
  const tipKey = `${field.label}.tip`;
  const tip = isTextKey(tipKey) ? { tip: t(tipKey) } : {};
  const value = readAt(step, field.at);
  const write = (next: unknown) => onChange(writeAt(step, field.at, next));
  switch (field.kind) {
    case 'text':
      return (
        <TextField
          label={label}
          {...tip}
          value={wordsOf(value)}
          {...(field.isMono && { isMono: true })}
          onCommit={(next) => write(next === '' && field.isOptional ? undefined : next)}
        />
      );
    case 'amount':
      return (
        <TextField
          label={label}
          {...tip}
          isMono
          value={wordsOf(value)}
          onCommit={(next) => {
            if (next === '' && field.isOptional) return write(undefined);
            return write(next.trim() !== '' && Number.isFinite(Number(next)) ? Number(next) : next);
          }}
        />
      );
    case 'number':
      return (
        <NumberField
          label={label}
          {...tip}
          value={typeof value === 'number' ? value : null}
          {...(field.min !== undefined && { min: field.min })}
          {...(field.max !== undefined && { max: field.max })}
          onCommit={write}
        />
      );
    case 'json':
      return (
        <JsonField
          label={label}
          {...tip}
          value={value as Json | undefined}
          {...(field.isOptional && { isOptional: true })}
          {...(field.isObject && { isObject: true })}
          onCommit={write}
        />
      );
    case 'flag':
      return (
        <SwitchField label={label} {...tip} value={value === true} onCommit={(next) => write(next || undefined)} />
      );
    case 'choice':
      return (
        <SelectField
          label={label}
          {...tip}
          value={wordsOf(value)}
          options={field.options.map((option) => ({ value: option, label: option }))}
          onCommit={write}
        />
      );
    default:
      return <ReferenceField field={field} step={step} onChange={onChange} />;
  }
}

/** A choice among what the service is wired to. */
function ReferenceField({ field, step, onChange }: StepFieldsProps & { field: StepField }) {
  const { t } = useText();
  const { service } = useContext(StepOwner);
  const document = useDocument((state) => state.document);
  const value = readAt(step, field.at);
  const options = optionsOf(field, step, document, service);
  // The only store needs no choice: a step without one means it.
  if (field.kind === 'store' && options.length < 2) return null;
  const isOptional = 'isOptional' in field && field.isOptional === true;
  return (
    <SelectField
      label={t(field.label)}
      value={wordsOf(value)}
      options={options}
      onCommit={(next) => onChange(writeAt(step, field.at, next === '' && isOptional ? undefined : next))}
    />
  );
}

function optionsOf(
  field: StepField,
  step: Step,
  document: Document,
  service: string,
): { value: string; label: string }[] {
  const wiring = wiringOf(document, service);
  const named = (ids: readonly string[]) =>
    ids.map((id) => ({ value: id, label: document.nodes[id]?.title ?? document.nodes[id]?.name ?? id }));
  switch (field.kind) {
    case 'store':
      return named(wiring.stores);
    case 'service':
      return named(wiring.services);
    case 'broker':
      return named(wiring.brokers);
    case 'endpoint': {
      const callables = step.do === 'call' ? callableOf(document, service, step.to) : [];
      return callables.map(({ id, label }) => ({ value: id, label }));
    }
    case 'table': {
      const store = ('store' in step && step.store) || wiring.stores[0] || '';
      const database = document.nodes[store];
      if (database?.kind !== 'database') return [];
      return database.config.tables.map(({ name }) => ({ value: name, label: name }));
    }
    default:
      return [];
  }
}
