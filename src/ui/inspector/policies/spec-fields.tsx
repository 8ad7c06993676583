import type { Json } from '../../../core/base/json.ts';
import { isTextKey, type TextKey } from '../../text/texts.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, SelectField, SwitchField, TextField } from '../fields.tsx';
import { NumberField } from '../number-field.tsx';
import { withoutUndefined } from '../record.ts';
import { PairsField, WordsField } from '../record-fields.tsx';
import { ChoicesField } from './choices-field.tsx';
import { FIELD_SPECS, type FieldArea, type FieldSpec } from './field-specs.ts';

interface SpecFieldsProps<T extends object> {
  area: FieldArea;
  value: T;
  onChange: Commit<T>;
  /** Fields that do not apply now. */
  without?: readonly string[];
}

/** The fields of one policy record, drawn by its list of fields. */
export function SpecFields<T extends object>({ area, value, onChange, without = [] }: SpecFieldsProps<T>) {
  // `headers.add` of a gateway and of a probe differ by area alone: words follow the part before the first dot.
  const [words = area] = area.split('.');
  return FIELD_SPECS[area]
    .filter((spec) => !without.includes(spec.field))
    .map((spec) => (
      <OneField
        key={spec.field}
        area={words}
        spec={spec}
        value={(value as Readonly<Record<string, unknown>>)[spec.field]}
        write={(next) => onChange(withoutUndefined({ ...value, [spec.field]: next }))}
      />
    ));
}

interface OneFieldProps {
  area: string;
  spec: FieldSpec;
  value: unknown;
  write: Commit<unknown>;
}

function OneField({ area, spec, value, write }: OneFieldProps) {
  const { t } = useText();
  const key = `${area}.${spec.field}`;
  const label = t(key as TextKey);
  const tipKey = `${key}.tip`;
  const named = { label, ...(isTextKey(tipKey) && { tip: t(tipKey) }) };
  const optionWords = (option: string): string => {
    const optionKey = `${key}.${option}`;
    return isTextKey(optionKey) ? t(optionKey) : option;
  };
  switch (spec.kind) {
    case 'number': {
      const { unit, min, max, step, isOptional } = spec;
      return (
        <NumberField
          {...named}
          value={typeof value === 'number' ? value : null}
          {...(unit && { unit: unit === 'ms' || unit === 's' ? t(`units.${unit}`) : unit })}
          {...(min !== undefined && { min })}
          {...(max !== undefined && { max })}
          {...(step !== undefined && { step })}
          {...(isOptional && { onEmpty: () => write(undefined) })}
          onCommit={write}
        />
      );
    }
    case 'share':
      return (
        <NumberField
          {...named}
          value={Math.round(Number(value) * 1e8) / 1e6}
          min={0}
          max={100}
          step={5}
          unit="%"
          onCommit={(percent) => write(percent / 100)}
        />
      );
    case 'flag':
      return <SwitchField {...named} value={value === true} onCommit={write} />;
    case 'choice':
      return (
        <SelectField
          {...named}
          value={String(value)}
          options={spec.options.map((option) => ({ value: option, label: optionWords(option) }))}
          onCommit={write}
        />
      );
    case 'choices':
      return (
        <ChoicesField
          {...named}
          value={(value as readonly string[] | undefined) ?? []}
          options={spec.options.map((option) => ({ value: option, label: optionWords(option) }))}
          onCommit={(next) => write(next.length === 0 && spec.isOptional ? undefined : next)}
        />
      );
    case 'words':
      return (
        <WordsField
          {...named}
          value={value as readonly string[] | undefined}
          {...(spec.isUpper && { spell: (word: string) => word.toUpperCase() })}
          onCommit={(next) => write(next ?? (spec.isOptional ? undefined : []))}
        />
      );
    case 'pairs':
      return (
        <PairsField
          label={label}
          value={value as Readonly<Record<string, string>> | undefined}
          addLabel={t('field.addHeader')}
          freshName={spec.freshName}
          {...(spec.freshText !== undefined && { freshText: spec.freshText })}
          onCommit={write}
        />
      );
    case 'json':
      return <JsonField {...named} value={value as Json | undefined} isOptional onCommit={write} />;
    case 'text':
      return (
        <TextField
          {...named}
          value={typeof value === 'number' ? String(value) : ((value as string | undefined) ?? '')}
          {...(spec.isMono && { isMono: true })}
          onCommit={(next) => write(next === '' && spec.isOptional ? undefined : next)}
        />
      );
  }
}
