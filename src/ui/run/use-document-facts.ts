import { useCallback } from 'react';
import type { Problem } from '../../core/base/result.ts';
import type { Demo, Document } from '../../core/topology/types.ts';
import { titleOf } from '../faces/face.ts';
import { useDocument } from '../services.tsx';

/** The document on the canvas. */
export const useTopology = (): Document => useDocument((state) => state.document);
/** Labels and fault of the demo buttons, when the document has them. */
export const useDemo = (): Demo | undefined => useDocument((state) => state.document.demo);
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
