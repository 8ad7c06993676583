import type { ComponentType } from 'react';
import type { IconName } from '../../app/commands/icon-names.ts';
import type { Document, NodeKind, NodeOf, TopologyNode } from '../../core/topology/schema/types.ts';

export type DetailLevel = 'full' | 'mid' | 'chip';
export interface FaceProps<K extends NodeKind> {
  id: string;
  node: NodeOf<K>;
}
/** How one kind is drawn: what stands under its name, its icon, and its size, which the document alone decides. */
export interface FaceDefinition<K extends NodeKind> {
  /** Everything under the header at full detail. */
  Body: ComponentType<FaceProps<K>>;
  /** Small words at the right end of the header. */
  Aside: ComponentType<FaceProps<K>>;
  icon: (node: NodeOf<K>) => IconName;
  size: (id: string, node: NodeOf<K>, document: Pick<Document, 'nodes' | 'links'>) => { width: number; height: number };
  /** A store has a lid line and no figures row. */
  isStore?: boolean;
}

/** The name that people read. */
export const titleOf = (node: Pick<TopologyNode, 'name' | 'title'>): string => node.title || node.name;
