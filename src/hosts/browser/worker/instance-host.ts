import { err, ok, type Result } from '../../../core/base/result.ts';
import type { InstanceApi, WindowReply } from '../../../core/fabric/protocol.ts';
import { loadGrpc, needsGrpc } from '../../../core/kinds/service/grpc-slot.ts';
import type { StoredRow } from '../../../core/storage/types.ts';
import { done, reasonOf } from '../rpc.ts';
import { openNodeStore, writeOf, type NodeStore, type StoreWrite } from '../storage/node-store.ts';
import { createWriteBehind, type WriteBehind } from '../storage/write-behind.ts';
import type { Assignment, InstanceNotice, InstanceWorkerApi, StoreAssignment } from './protocol.ts';
import type { DeliverWindow } from './window-line.ts';

/** Rows by applying images in order, for a store that IndexedDB does not keep. Ordered by table, then key. */
export function rowsOf(writes: readonly StoreWrite[]): StoredRow[] {
  const rows = new Map<string, StoredRow>();
  for (const { table, key, after } of writes) {
    const id = `${table}\u0000${key}`;
    if (after === null) rows.delete(id);
    else rows.set(id, { table, key, row: after });
  }
  return [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

interface Durable {
  store: NodeStore;
  behind: WriteBehind;
}

/**
 * The inside of an instance's worker: the pure runner, and for stores the ordered write-behind. `seal` is called once
 * the store is open: from then on the worker can reach no other database and no network.
 */
export function createInstanceHost(
  runner: InstanceApi,
  tell: (notice: InstanceNotice) => void,
  seal: (instance: string) => void,
): InstanceWorkerApi & { deliver: DeliverWindow } {
  let durable: Durable | null = null;
  let node = '';
  return {
    async start(assignment) {
      const { init, recover, tail, store } = assignment;
      node = init.node;
      const opened = store === null ? null : await open(store, assignment, tell);
      durable = opened?.durable ?? null;
      const stored = recover ? (opened?.rows ?? rowsOf(tail)) : init.stored;
      if (needsGrpc(init.record, init.peers)) await loadGrpc();
      seal(init.instance);
      const started = await runner.start({ ...init, stored });
      return started.ok ? done : started;
    },
    async deliver(window, hint) {
      // A gRPC link may be drawn to an instance that runs already.
      for (const { body } of window.items)
        if (body.type === 'reconfigure' && needsGrpc(body.record, body.peers)) await loadGrpc();
      const reply = await runner.deliver(window);
      if (reply.ok && durable !== null) durable.behind.push(writesOf(reply, node), hint.contended, hint.cut);
      return reply;
    },
    async flush() {
      await durable?.behind.flush();
      return done;
    },
    async rows() {
      if (durable === null) return err('this instance keeps no rows in IndexedDB');
      await durable.behind.flush();
      return ok(await durable.store.rows());
    },
    inspect: async (query) => runner.inspect(query),
  };
}

/** Row images that an instance decided in one window on its own store. */
export function writesOf(reply: Result<WindowReply, string>, node: string): StoreWrite[] {
  if (!reply.ok) return [];
  return reply.value.log.flatMap((event) =>
    event.type === 'store.applied' && event.store === node ? [writeOf(event)] : [],
  );
}

async function open(
  at: StoreAssignment,
  { init, recover, tail }: Assignment,
  tell: (notice: InstanceNotice) => void,
): Promise<{ durable: Durable; rows: StoredRow[] } | null> {
  try {
    const store = await openNodeStore(at.database);
    let rows = init.stored;
    if (recover) rows = await store.recover(at.recoverFrom, tail);
    else await store.reset(at.run, init.stored);
    tell({ notice: 'persisted', through: init.startedAt });
    let isFailing = false;
    const behind = createWriteBehind(store, {
      persisted: (through) => {
        if (isFailing) tell({ notice: 'storage', reason: null });
        isFailing = false;
        tell({ notice: 'persisted', through });
      },
      failed: (reason) => {
        isFailing = true;
        tell({ notice: 'storage', reason });
      },
    });
    return { durable: { store, behind }, rows };
  } catch (error) {
    // Private windows, full disks: the run goes on in memory and says so.
    tell({ notice: 'storage', reason: reasonOf(error) });
    return null;
  }
}
