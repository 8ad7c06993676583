import { err, type Result } from '../../../core/base/result.ts';
import type { VirtualTime } from '../../../core/base/order.ts';
import type { Spawn } from '../../../core/fabric/lifecycle.ts';
import type { WindowPlan } from '../../../core/fabric/fabric.ts';
import { nodeOf, type InstanceId } from '../../../core/fabric/message.ts';
import type { InstanceInit, WindowReply } from '../../../core/fabric/protocol.ts';
import type { StoredRow } from '../../../core/storage/types.ts';
import type { NodeKind } from '../../../core/topology/schema/types.ts';
import { storeDatabase } from '../storage/names.ts';
import { writesOf } from './instance-host.ts';
import type { InstanceLink, InstancePool } from './instance-pool.ts';
import type { StoreAssignment, StoreHint } from './protocol.ts';
import type { StoreLedger } from './store-ledger.ts';
import { createWatchdog, DEAD_MS } from './watchdog.ts';

/** Kinds whose rows survive in IndexedDB (decision 9). */
export const DURABLE_KINDS: ReadonlySet<NodeKind> = new Set<NodeKind>(['database', 'broker']);

/** Wall ms for the first answer of a worker: 150 at once on a busy machine take seconds; a broken script says so at once. */
const START_DEADLINE_MS = 30_000;
const FLUSH_DEADLINE_MS = 5_000;

type Replies = Map<InstanceId, Result<WindowReply, string>>;

/** Carries out windows on real workers. */
export interface WindowPerformer {
  /** Kill, start, then one call to each instance of the window, all at once. Always settles, with a reply or a reason for each. */
  perform(plan: WindowPlan): Promise<Replies>;
  /** Ends what is left of instances that died in the window that began at `at`. */
  bury(instances: readonly InstanceId[], at: VirtualTime): void;
  rows(node: string): Promise<Result<StoredRow[], string>>;
  inspect(instance: InstanceId, query: string): ReturnType<InstanceLink['connection']['call']>;
  /** Settles when all stores are in IndexedDB, or after 5 s. */
  flush(): Promise<void>;
  close(): void;
}

export interface PerformerOptions {
  /** null: nothing is kept (IndexedDB is absent). */
  run: { documentId: string; id: string } | null;
  pool: InstancePool;
  ledger: StoreLedger;
  /** Time at or before which the record of the run says that everything is durable. */
  durableCut(): VirtualTime;
  /** It died while no window of its was outstanding. */
  down(instance: InstanceId, reason: string): void;
  /** Instances that have not answered for a second; empty when they have. */
  slow(instances: InstanceId[]): void;
  persisted(): void;
  storage(node: string, reason: string | null): void;
  watchdog: boolean;
}

/** Nothing runs yet; workers are taken from the pool as plans ask for them. */
export function createWindowPerformer(options: PerformerOptions): WindowPerformer {
  const { pool, ledger } = options;
  const links = new Map<InstanceId, InstanceLink>();
  /** Start of the window in which an instance ended: later changes of its store never happened. */
  const endedAt = new Map<string, VirtualTime>();
  const outstanding = new Set<InstanceId>();
  let wasSlow = false;
  const watchdog = createWatchdog(
    {
      slow: () => {
        wasSlow = true;
        options.slow([...outstanding].sort());
      },
      dead: () => {
        for (const instance of outstanding) links.get(instance)?.end(`did not answer for ${DEAD_MS / 1000} s`);
      },
    },
    { enabled: options.watchdog },
  );

  const drop = (instance: InstanceId, reason: string, at: VirtualTime): void => {
    links.get(instance)?.end(reason);
    links.delete(instance);
    endedAt.set(nodeOf(instance), at);
  };
  const kill = async (instance: InstanceId, at: VirtualTime): Promise<void> => {
    // Memory is lost, the database is not: killing by the simulation flushes first (3-architecture 2).
    if (ledger.tail(nodeOf(instance)).length > 0) {
      await links.get(instance)?.connection.call('flush', FLUSH_DEADLINE_MS);
    }
    drop(instance, 'ended by the run', at);
  };
  const start = async ({ init, recover }: Spawn): Promise<Result<null, string>> => {
    const { instance, node } = init;
    const link = pool.take({
      down: (reason) => {
        if (!outstanding.has(instance)) options.down(instance, reason);
      },
      notice: (notice) => {
        if (notice.notice === 'storage') return options.storage(node, notice.reason);
        ledger.persisted(node, notice.through);
        options.persisted();
      },
    });
    links.set(instance, link);
    const tail = recover ? ledger.tail(node) : [];
    if (!recover) ledger.begin(node, init.startedAt, init.stored);
    return link.connection.call('start', START_DEADLINE_MS, { init, recover, tail, store: storeOf(init) });
  };
  const storeOf = (init: InstanceInit): StoreAssignment | null => {
    if (options.run === null || !DURABLE_KINDS.has(init.record.kind)) return null;
    const { documentId, id } = options.run;
    const recoverFrom = endedAt.get(init.node) ?? init.startedAt;
    return { database: storeDatabase(documentId, init.node), run: id, recoverFrom };
  };
  const hint = (node: string): StoreHint => ({ contended: ledger.isContended(node), cut: options.durableCut() });

  return {
    async perform(plan) {
      await Promise.all(plan.kill.map((instance) => kill(instance, plan.from)));
      for (const { init } of plan.spawn) outstanding.add(init.instance);
      for (const instance of plan.deliver.keys()) outstanding.add(instance);
      const replies: Replies = new Map();
      await Promise.all(
        plan.spawn.map(async (spawn) => {
          const started = await start(spawn);
          if (!started.ok) replies.set(spawn.init.instance, started);
        }),
      );
      watchdog.begin();
      await Promise.all(
        [...plan.deliver].map(async ([instance, request]) => {
          if (!replies.has(instance)) {
            const link = links.get(instance);
            const node = nodeOf(instance);
            const reply = await (link?.deliver(request, hint(node)) ?? err('it has no worker'));
            replies.set(instance, reply);
            ledger.add(node, writesOf(reply, node));
          }
          outstanding.delete(instance);
        }),
      );
      watchdog.end();
      outstanding.clear();
      if (wasSlow) options.slow([]);
      wasSlow = false;
      return replies;
    },
    bury(instances, at) {
      for (const instance of instances) drop(instance, 'ended by the run', at);
    },
    async rows(node) {
      const link = links.get(`${node}#0`);
      if (link === undefined) return err(`${node} is not running`);
      return link.connection.call('rows', FLUSH_DEADLINE_MS);
    },
    inspect: async (instance, query) =>
      (await links.get(instance)?.connection.call('inspect', FLUSH_DEADLINE_MS, query)) ??
      err(`${instance} is not running`),
    async flush() {
      const stores = [...links].filter(([instance]) => ledger.tail(nodeOf(instance)).length > 0);
      await Promise.all(stores.map(([, link]) => link.connection.call('flush', FLUSH_DEADLINE_MS)));
    },
    close() {
      watchdog.close();
      for (const link of links.values()) link.end('the run was closed');
      links.clear();
      pool.close();
    },
  };
}
