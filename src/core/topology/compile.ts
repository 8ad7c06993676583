import { canonicalize } from '../base/canonical.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { StoredRow } from '../storage/types.ts';
import { byCodeUnit, sortedEntries, sortKeys } from './sorted.ts';
import type {
  AnyExecutableNode,
  Document,
  ExecutableLink,
  ExecutableTopology,
  Link,
  Resolve,
  TopologyNode,
} from './schema/types.ts';

/** What a run reads of one node: kind, network name, config with sorted keys; no position, size, title, notes, group. */
export function compileNode(node: TopologyNode): AnyExecutableNode {
  // The config came out of the schema, so it is JSON; sorting keeps its shape.
  const config = sortKeys(node.config as unknown as Json);
  return { config, kind: node.kind, name: node.name } as unknown as AnyExecutableNode;
}

/** What a run reads of one link: kind, its two nodes, latency, resolution. */
export function compileLink(link: Link): ExecutableLink {
  const latency = sortKeys(link.config.latency as unknown as Json) as unknown as ExecutableLink['latency'];
  const { resolve } = link.config;
  const how = resolve === undefined ? {} : { resolve: sortKeys(resolve as unknown as Json) as unknown as Resolve };
  return { from: link.from.node, kind: link.kind, latency, ...how, to: link.to.node };
}

const project = <A, B>(record: Readonly<Record<string, A>>, compile: (item: A) => B): Record<string, B> =>
  Object.fromEntries(sortedEntries(record).map(([id, item]) => [id, compile(item)]));

/** The executable projection of a document (decision 3); equal for documents that differ only in looks or in key order. */
export function compileTopology(document: Pick<Document, 'nodes' | 'links'>): ExecutableTopology {
  return { links: project(document.links, compileLink), nodes: project(document.nodes, compileNode) };
}

const rowKey = (row: JsonObject, primaryKey: string): string => canonicalize(row[primaryKey] ?? null);

/**
 * Initial rows of every database node, by node id: declared columns only, absent ones null, sorted by table and key.
 * Takes a document or its executable projection; of two rows with one key the last wins.
 */
export function initialData(source: {
  nodes: Readonly<Record<string, AnyExecutableNode | TopologyNode>>;
}): Record<string, StoredRow[]> {
  const stores: [string, StoredRow[]][] = [];
  for (const [id, node] of sortedEntries(source.nodes)) {
    if (node.kind !== 'database') continue;
    const rows: StoredRow[] = [];
    for (const table of [...node.config.tables].sort((a, b) => byCodeUnit(a.name, b.name))) {
      const declared = Object.hasOwn(node.config.rows, table.name) ? (node.config.rows[table.name] ?? []) : [];
      const byKey = new Map<string, StoredRow>();
      for (const given of declared) {
        const row = Object.fromEntries(
          table.columns
            .map((column) => column.name)
            .sort(byCodeUnit)
            .map((name): [string, Json] => [name, Object.hasOwn(given, name) ? sortKeys(given[name] ?? null) : null]),
        );
        const key = rowKey(row, table.primaryKey);
        byKey.set(key, { table: table.name, key, row });
      }
      for (const row of [...byKey.values()].sort((a, b) => byCodeUnit(a.key, b.key))) rows.push(row);
    }
    stores.push([id, rows]);
  }
  return Object.fromEntries(stores);
}
