import type { TopologyNode } from '../../core/topology/schema/types.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useInstances, useNodeFailure, useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { declaredOnes, healthOf, replicasOf, type Health } from './health.ts';
import { stepPlace, troubleOf, troubleWords, type Trouble } from './trouble.ts';

/** How a node is at the shown time, and why, in words. */
export function useHealth(id: string, node: TopologyNode): Health {
  const texts = useText();
  const title = useTitles();
  const instances = declaredOnes(useInstances(id), replicasOf(node));
  const failure = useNodeFailure(id);
  // As text, so that it compares by value.
  const trouble = JSON.parse(useRun(({ view }) => JSON.stringify(troubleOf(view, id)))) as Trouble | null;
  const words = trouble && {
    rank: trouble.rank,
    text: troubleWords(trouble, title, texts, (step) => stepPlace(node, step)),
  };
  return healthOf(instances, failure, words, texts);
}
