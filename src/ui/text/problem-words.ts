import { useCallback, useEffect, useState } from 'react';
import { nameOf } from '../../app/commands/edit-actions.ts';
import { fillPlaces, NODE_PLACES } from '../../core/base/problem.ts';
import type { Problem } from '../../core/base/result.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { afterFirstDots } from '../kit/first-dots.ts';
import { useDocument } from '../services.tsx';
import type { Language } from './catalogue.ts';
import type * as english from './en/problems.ts';
import { isTextKey, type Texts } from './texts.ts';
import { useText } from './use-text.tsx';

export type ProblemText = keyof typeof english.problems;
export type ProblemFix = keyof typeof english.fixes;
/** Sentences of problems in one language, and what can be done about them. */
export interface ProblemCatalogue {
  problems: Readonly<Record<ProblemText, string>>;
  fixes: Readonly<Record<ProblemFix, string>>;
}

const loaded = new Map<Language, ProblemCatalogue>();

async function loadProblems(language: Language): Promise<ProblemCatalogue> {
  const known =
    loaded.get(language) ?? (await (language === 'uk' ? import('./uk/problems.ts') : import('./en/problems.ts')));
  loaded.set(language, known);
  return known;
}

type Named = Pick<Document, 'nodes' | 'links'>;
const titleAt = ({ nodes }: Named, id: string): string => (Object.hasOwn(nodes, id) ? nameOf(nodes[id]) : id);

/** A JSON path as people read it: the node or link by its name, then the field. */
export function placeWords(at: string, document: Named): string {
  const [records, id = '', ...rest] = at.split('/');
  const field = (rest[0] === 'config' ? rest.slice(1) : rest).join(' / ');
  const link = records === 'links' && Object.hasOwn(document.links, id) ? document.links[id] : undefined;
  const owner = link
    ? `${titleAt(document, link.from.node)} → ${titleAt(document, link.to.node)}`
    : records === 'nodes' && id !== ''
      ? titleAt(document, id)
      : null;
  if (owner === null) return at;
  return field === '' ? owner : `${owner}: ${field}`;
}

/** The sentence of a problem and what can be done about it: nodes by their names, the rest as it was found. */
export function sayProblem(
  problem: Problem,
  catalogue: ProblemCatalogue | undefined,
  document: Named,
  t: Texts['t'],
  reason: Texts['reason'] = (text) => text,
): { says: string; fix: string | null } {
  const { text = '', values = {} } = problem;
  const sentence = catalogue?.problems[text as ProblemText];
  if (sentence === undefined) return { says: problem.message, fix: problem.fix ?? null };
  const shown = Object.fromEntries(
    Object.entries(values).map(([place, value]): [string, string | number] => {
      if (NODE_PLACES.includes(place))
        return [
          place,
          String(value)
            .split(', ')
            .map((id) => titleAt(document, id))
            .join(', '),
        ];
      if (place === 'reason' || place === 'what') return [place, reason(String(value))];
      if (place === 'place') return [place, placeWords(String(value), document)];
      const refusal = `refusal.${problem.code}`;
      if (place === 'why' && isTextKey(refusal)) return [place, lowerFirst(t(refusal))];
      return [place, value];
    }),
  );
  const fix = catalogue?.fixes[text as ProblemFix];
  const says = fillPlaces(sentence, shown);
  return { says: upperFirst(says), fix: fix === undefined ? null : fillPlaces(fix, shown) };
}
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Says problems in the language of the interface; English until its sentences are loaded. */
export function useProblemWords(): (problem: Problem) => { says: string; fix: string | null } {
  const { language, t, reason } = useText();
  const document = useDocument((state) => state.document);
  const [catalogue, setCatalogue] = useState(loaded.get(language));
  useEffect(() => {
    let wanted = true;
    void afterFirstDots(() => loadProblems(language)).then((found) => wanted && setCatalogue(found));
    return () => {
      wanted = false;
    };
  }, [language]);
  return useCallback(
    (problem) => sayProblem(problem, catalogue, document, t, reason),
    [catalogue, document, t, reason],
  );
}
