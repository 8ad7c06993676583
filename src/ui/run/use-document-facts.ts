import { useCallback, useMemo } from 'react';
import type { Problem } from '../../core/base/result.ts';
import type { Demo, Document } from '../../core/topology/schema/types.ts';
import { titleOf } from '../faces/face.ts';
import { useDocument } from '../services.tsx';
import { useText } from '../text/use-text.tsx';

/** The document on the canvas. */
export const useTopology = (): Document => useDocument((state) => state.document);
/** Fault and labels of the demo buttons, in the language of the interface where the document has it. */
export function useDemo(): Demo | undefined {
  const { language } = useText();
  const demo = useDocument((state) => state.document.demo);
  return useMemo(() => demo && labelled(demo, language), [demo, language]);
}
/** The demo with its labels in a language; those of the document itself where it has no others. */
export function labelled(demo: Demo, language: string): Demo {
  const { primary, break: broken } = demo;
  const own = (label: string, labels: Demo['primary']['labels']): string =>
    labels !== undefined && Object.hasOwn(labels, language) ? (labels[language] ?? label) : label;
  return {
    primary: { ...primary, label: own(primary.label, primary.labels) },
    ...(broken && {
      break: {
        ...broken,
        label: own(broken.label, broken.labels),
        healLabel: own(broken.healLabel, broken.healLabels),
      },
    }),
  };
}
/** What validation says about the document. */
export const useProblems = (): readonly Problem[] => useDocument((state) => state.problems);

/** The title of a node id or instance id (`order#1` -> `Order`); the id itself when the node is gone. */
export function useTitles(): (id: string) => string {
  const nodes = useDocument((state) => state.document.nodes);
  return useCallback(
    (id) => {
      const at = id.lastIndexOf('#');
      const node = nodes[at < 0 ? id : id.slice(0, at)];
      return node === undefined ? id : titleOf(node);
    },
    [nodes],
  );
}

/** An id with the number of its instance, or one as drawing by hand makes them: those are in no sentence by chance. */
const IDS = /([A-Za-z][\w-]*)(#\d+)|\b[a-z0-9]{10}\b/g;
/** A sentence of the log, which names components by their ids, with their titles instead. */
export const withTitles = (text: string, nodes: Document['nodes']): string =>
  text.replaceAll(IDS, (found: string, id: string | undefined, instance: string | undefined) => {
    const key = id ?? found;
    const node = Object.hasOwn(nodes, key) ? nodes[key] : undefined;
    return node === undefined ? found : titleOf(node) + (instance ?? '');
  });
