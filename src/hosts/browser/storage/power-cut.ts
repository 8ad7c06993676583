import { canonicalize } from '../../../core/base/canonical.ts';
import type { Json } from '../../../core/base/json.ts';
import { sha256Hex } from '../../../core/base/sha256.ts';
import { storeDatabase } from './names.ts';
import { openNodeStore } from './node-store.ts';
import type { InitialData, RunRecord, RunRecords } from './run-records.ts';

/** What a document's stores hold before a new run begins; null = nothing was ever written, the document's rows count. */
export interface Remains {
  data: InitialData | null;
  /** The run that nobody saw end: it is now listed as ended by reload. */
  cutRun: RunRecord | null;
}

export const hashOfData = (data: InitialData): string => sha256Hex(canonicalize(data as unknown as Json));

/**
 * Reload is a power cut (decision 9): every store is cut at the same virtual time, the last one of which all stores
 * said that it is in IndexedDB. A store that had not begun with that run yet still has the data that the run began with.
 */
export async function cutPower(records: RunRecords, documentId: string): Promise<Remains> {
  const last = (await records.list())[0];
  if (last === undefined) return { data: null, cutRun: null };
  const began = last.initialDataHash === null ? null : await records.snapshot(last.initialDataHash);
  const at = last.ended?.at ?? last.cut;
  if (last.ended === null) await records.update(last.id, { ended: { how: 'reload', at: at ?? last.reached } });
  // Not one write was durable everywhere: as if the run had not begun.
  const data = at === null ? began : await readAll(documentId, last, began ?? {}, at);
  return { data, cutRun: last.ended === null ? { ...last, ended: { how: 'reload', at: at ?? last.reached } } : null };
}

async function readAll(
  documentId: string,
  run: RunRecord,
  began: InitialData,
  at: number,
): Promise<InitialData | null> {
  const data: InitialData = { ...began };
  for (const node of run.stores) {
    const store = await openNodeStore(storeDatabase(documentId, node));
    try {
      if ((await store.run()) === run.id) data[node] = await store.recover(at + 1, []);
    } finally {
      store.close();
    }
  }
  return Object.keys(data).length === 0 ? null : data;
}
