/** What hints know of the moment. */
export interface HintFacts {
  hasDots: boolean;
  hasOpenedMessage: boolean;
  hasBreak: boolean;
  hasSent: boolean;
  wasBroken: boolean;
  hasUndone: boolean;
  hasExported: boolean;
}
export type HintId = 'dot' | 'break' | 'export';

interface Rule {
  id: HintId;
  /** Absent = in every drawing. */
  applies?: (facts: HintFacts) => boolean;
  /** There is something to point at. */
  isReady: (facts: HintFacts) => boolean;
  /** The person has done it: never shown (again). */
  isDone: (facts: HintFacts) => boolean;
}

/** In the order of the first minute; each is shown once. */
const RULES: readonly Rule[] = [
  { id: 'dot', isReady: ({ hasDots }) => hasDots, isDone: ({ hasOpenedMessage }) => hasOpenedMessage },
  {
    id: 'break',
    applies: ({ hasBreak }) => hasBreak,
    isReady: ({ hasSent }) => hasSent,
    isDone: ({ wasBroken }) => wasBroken,
  },
  {
    id: 'export',
    isReady: ({ hasUndone, hasSent, hasBreak }) => hasUndone || (hasSent && !hasBreak),
    isDone: ({ hasExported }) => hasExported,
  },
];

/** Hints that what the person did has made needless. */
export const doneHints = (facts: HintFacts): HintId[] => RULES.filter((rule) => rule.isDone(facts)).map(({ id }) => id);

/** The hint to show now, or null: the first that is neither done nor dismissed, once its moment has come. Never one that stands before a hint that was dealt with later on. */
export function nextHint(dealtWith: readonly string[], facts: HintFacts): HintId | null {
  const last = RULES.findLastIndex(({ id }) => dealtWith.includes(id));
  const rule = RULES.slice(last + 1).find((one) => (one.applies?.(facts) ?? true) && !one.isDone(facts));
  return rule?.isReady(facts) === true ? rule.id : null;
}
