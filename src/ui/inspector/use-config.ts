import { useMemo } from 'react';
import { updateNode } from '../../core/topology/edit/edit.ts';
import type { ConfigOf, NodeKind } from '../../core/topology/schema/types.ts';
import { useServices } from '../services.tsx';
import { applyEdit, type Commit } from './apply-edit.ts';

/** Makes commits for fields of one node's configuration: `set('port')` takes the new port. */
export function useConfig<K extends NodeKind>(node: string) {
  const services = useServices();
  return useMemo(() => {
    const patch = (config: Partial<ConfigOf<K>>) =>
      applyEdit(services, (document) => ({ ok: true, value: updateNode(document, node, { config }).diff }));
    return {
      patch,
      set:
        <F extends keyof ConfigOf<K>>(field: F): Commit<ConfigOf<K>[F]> =>
        (value) =>
          patch({ [field]: value } as unknown as Partial<ConfigOf<K>>),
    };
  }, [node, services]);
}
