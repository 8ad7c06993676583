import { CircleX, TriangleAlert } from 'lucide-react';
import { showPlace } from '../../app/commands/show-place.ts';
import { useProblems } from '../run/use-document-facts.ts';
import { useDocument, useServices } from '../services.tsx';
import { placeWords, useProblemWords } from '../text/problem-words.ts';
import { useText } from '../text/use-text.tsx';
import styles from './drawer.module.css';
import own from './problems-panel.module.css';

/** What is wrong with the document: code, words; a click selects the place. */
export function ProblemsPanel() {
  const { t } = useText();
  const problems = useProblems();
  const say = useProblemWords();
  const document = useDocument((state) => state.document);
  const services = useServices();
  if (problems.length === 0) return <div className={styles.empty}>{t('problems.none')}</div>;
  return (
    <ul className={own.list} aria-label={t('problems.list')}>
      {problems.map((problem, index) => (
        <li key={`${problem.code} ${problem.at} ${index}`}>
          <button
            type="button"
            className={own.problem}
            data-severity={problem.severity}
            onClick={() => showPlace(services, problem.at)}
          >
            {problem.severity === 'error' ? (
              <CircleX size={14} strokeWidth={1.75} aria-hidden="true" />
            ) : (
              <TriangleAlert size={14} strokeWidth={1.75} aria-hidden="true" />
            )}
            <span className={own.text}>
              <span className="visually-hidden">{t(`problems.${problem.severity}`)}: </span>
              <Sentence {...say(problem)} />
            </span>
            <code className={own.code}>{problem.code}</code>
            <span className={own.at}>{placeWords(problem.at, document)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Sentence({ says, fix }: { says: string; fix: string | null }) {
  return (
    <>
      {says}
      {fix !== null && <span className={styles.dim}> {fix}</span>}
    </>
  );
}
