import { expect, test } from 'vitest';
import { LeafStep } from '../../../core/topology/schema/step-schema.ts';
import { STEP_FORMS, type StepField } from './step-forms.ts';

/** Set by every step's form, or by one of its own below the list of fields. */
const ELSEWHERE = ['id', 'do', 'compensates', 'policy', 'input'];

test('every field of every step is asked for, and no other', () => {
  for (const { shape } of LeafStep.options) {
    const kind = shape.do.value;
    const asked = (STEP_FORMS[kind] as readonly StepField[]).map(({ at }) => at);
    const input = 'input' in shape ? Object.keys(shape.input.shape).map((field) => `input.${field}`) : [];
    const wanted = [...Object.keys(shape).filter((field) => !ELSEWHERE.includes(field)), ...input];
    expect([kind, asked.toSorted()]).toEqual([kind, wanted.toSorted()]);
  }
});
