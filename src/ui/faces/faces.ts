import type { NodeKind, TopologyNode, Document } from '../../core/topology/schema/types.ts';
import type { IconName } from '../../app/commands/icon-names.ts';
import { brokerFace } from './broker-face.tsx';
import { clientFace } from './client-face.tsx';
import { databaseFace } from './database-face.tsx';
import type { FaceDefinition } from './face.ts';
import { gatewayFace } from './gateway-face.tsx';
import { registryFace } from './registry-face.tsx';
import { serviceFace } from './service-face.tsx';

/** A face for every kind of node: a new kind without one does not compile. */
const FACES = {
  client: clientFace,
  gateway: gatewayFace,
  service: serviceFace,
  database: databaseFace,
  broker: brokerFace,
  registry: registryFace,
} satisfies { [K in NodeKind]: FaceDefinition<K> };

/** The face of a node. The cast joins kind and record again, which the registry's type guarantees. */
export const faceOf = (node: TopologyNode): FaceDefinition<NodeKind> =>
  FACES[node.kind] as unknown as FaceDefinition<NodeKind>;

export const iconOf = (node: TopologyNode): IconName => faceOf(node).icon(node);

/** Size in px at 100 %: the document alone decides it, so a layout never waits for drawing. */
export const sizeOf = (
  id: string,
  node: TopologyNode,
  document: Pick<Document, 'nodes' | 'links'>,
): { width: number; height: number } => faceOf(node).size(id, node, document);
