/** Names of the origin's IndexedDB databases, as they stand in DevTools (decisions 9 and 18). */
const PREFIX = 'servarium/';
/** Databases of a document that belong to no node. A node with such an id gets a `~`, which ids cannot hold. */
const RESERVED = new Set(['log', 'document']);

/** Rows of one database, broker or persistent registry node of one document: `servarium/<documentId>/<nodeId>`. */
export const storeDatabase = (documentId: string, nodeId: string): string =>
  `${PREFIX}${documentId}/${nodeId}${RESERVED.has(nodeId) ? '~' : ''}`;
/** Runs, their inputs and spilled log segments of one document. */
export const logDatabase = (documentId: string): string => `${PREFIX}${documentId}/log`;

/** Names of all databases that exist for a document; none where the browser cannot list them. */
export async function databasesOf(documentId: string): Promise<string[]> {
  if (typeof indexedDB === 'undefined' || indexedDB.databases === undefined) return [];
  const names = (await indexedDB.databases()).map((database) => database.name ?? '');
  return names.filter((name) => name.startsWith(`${PREFIX}${documentId}/`)).sort();
}

/** True when this browser has certainly kept nothing of ours; false also where it cannot list its databases. */
export async function knowsNothing(): Promise<boolean> {
  if (typeof indexedDB === 'undefined' || indexedDB.databases === undefined) return false;
  return (await indexedDB.databases()).every(({ name }) => name?.startsWith(PREFIX) !== true);
}

/** The node of a store database's name, or null when it is another database. */
export function nodeOfDatabase(documentId: string, name: string): string | null {
  const prefix = `${PREFIX}${documentId}/`;
  const rest = name.slice(prefix.length);
  if (!name.startsWith(prefix) || rest === '' || RESERVED.has(rest)) return null;
  return rest.endsWith('~') ? rest.slice(0, -1) : rest;
}
