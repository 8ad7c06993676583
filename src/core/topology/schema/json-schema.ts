import { z } from 'zod';
import { FutureNode } from './future-schema.ts';
import { Document, Node } from './schema.ts';

/** The published JSON Schema (draft 2020-12) of a document, version 1: what `parseDocument` reads, including shapes that are refused as not yet supported. */
export function documentJsonSchema(): object {
  const published = Document.extend({ nodes: z.record(Document.shape.nodes.keyType, z.union([Node, FutureNode])) });
  const schema = z.toJSONSchema(published, { io: 'input', unrepresentable: 'throw' });
  return { title: 'Servarium document, version 1', ...schema };
}
