import type { Endpoint } from 'comlink';
import { connect, type Connection } from '../rpc.ts';
import { isNotice, type InstanceNotice, type InstanceWorkerApi } from './protocol.ts';
import { openWindowLine, type DeliverWindow, type WindowLine } from './window-line.ts';

/** A fresh worker, wherever it was made; `post` side and life of it. */
export interface WorkerHandle {
  endpoint: Endpoint;
  terminate(): void;
}
/** Makes a worker and tells what happens to it until it is terminated. */
export type SpawnWorker = (
  name: string,
  events: { failed(reason: string): void; notice(notice: InstanceNotice): void },
) => WorkerHandle;

/** The worker of one instance, seen from the fabric. */
export interface InstanceLink {
  readonly connection: Connection<InstanceWorkerApi>;
  readonly deliver: DeliverWindow;
  /** Terminates the worker; open calls settle with `reason`. Its own end is not reported any more. */
  end(reason: string): void;
}
export interface InstanceLinkEvents {
  /** It died by itself: error, failed import, terminated from outside. */
  down(reason: string): void;
  notice(notice: Exclude<InstanceNotice, { notice: 'crashed' | 'alive' }>): void;
}
export interface InstancePool {
  /** A never used worker: a warm one when there is one. */
  take(events: InstanceLinkEvents): InstanceLink;
  /** Fills up with warm workers; called when nothing urgent is to be done. */
  warmUp(): void;
  close(): void;
}

/** Warm workers at most (decision 26); a used worker is terminated and never reused. */
export const WARM_WORKERS = 4;

interface Kept {
  handle: WorkerHandle;
  connection: Connection<InstanceWorkerApi>;
  line: WindowLine;
  events: InstanceLinkEvents | null;
  failure: string | null;
}

/** Workers for instances: one each, from a small stock of fresh ones. */
export function createInstancePool(spawn: SpawnWorker, size: number = WARM_WORKERS): InstancePool {
  const warm: Kept[] = [];
  const used = new Set<Kept>();
  let made = 0;
  const fail = (kept: Kept, reason: string): void => {
    if (kept.failure !== null) return;
    kept.failure = reason;
    const at = warm.indexOf(kept);
    if (at !== -1) warm.splice(at, 1);
    used.delete(kept);
    kept.handle.terminate();
    kept.connection.fail(reason);
    kept.line.fail(reason);
    kept.events?.down(reason);
  };
  const make = (): Kept => {
    const early: string[] = [];
    let kept: Kept | null = null;
    const handle = spawn(`instance-${++made}`, {
      failed: (reason) => void (kept === null ? early.push(reason) : fail(kept, reason)),
      notice: (notice) => {
        if (kept === null) return;
        if (notice.notice === 'crashed') fail(kept, notice.reason);
        else if (notice.notice !== 'alive') kept.events?.notice(notice);
      },
    });
    const fresh: Kept = {
      handle,
      connection: connect<InstanceWorkerApi>(handle.endpoint),
      line: openWindowLine(handle.endpoint),
      events: null,
      failure: null,
    };
    kept = fresh;
    if (early[0] !== undefined) fail(fresh, early[0]);
    return fresh;
  };
  return {
    take(events) {
      const kept = warm.shift() ?? make();
      kept.events = events;
      used.add(kept);
      return {
        connection: kept.connection,
        deliver: kept.line.deliver,
        end(reason) {
          if (kept.failure !== null) return;
          kept.events = null;
          fail(kept, reason);
        },
      };
    },
    warmUp() {
      while (warm.length < size) {
        const kept = make();
        // A worker that cannot even be loaded is no stock: the next start tells why.
        if (kept.failure !== null) return;
        warm.push(kept);
      }
    },
    close() {
      for (const kept of [...warm, ...used]) {
        kept.events = null;
        fail(kept, 'the run was closed');
      }
    },
  };
}

/** Spawns nested workers: they live and die with the fabric worker, whatever the page does (a hidden tab's timers are slowed, a worker's are not). */
export function nestedSpawn(create: (name: string) => Worker): SpawnWorker {
  return (name, events) => {
    const worker = create(name);
    worker.addEventListener('message', ({ data }) => {
      if (!isNotice(data)) return;
      if (data.notice === 'alive') mourn(data.lock, () => events.failed('it was ended from outside'));
      events.notice(data);
    });
    worker.addEventListener('messageerror', () => events.failed('it sent a message that could not be read'));
    worker.addEventListener('error', (event) => {
      // Handled here: it becomes an event of the log, not a line on the page's console.
      event.preventDefault();
      events.failed(failureOf(event));
    });
    return { endpoint: worker, terminate: () => worker.terminate() };
  };
}

/** Calls `died` when the holder of the lock is gone: a worker that was terminated from outside, or closed itself, fires no event. */
export function mourn(lock: string, died: () => void): void {
  // Absent on plain http; the watchdog then notices at the next window.
  navigator.locks?.request(lock, died).catch(() => undefined);
}

/** Words for a worker's error event: a script that cannot be loaded comes without a message. */
export function failureOf(event: Event): string {
  const message = 'message' in event ? String(event.message) : '';
  return message === '' ? 'its script could not be loaded' : message.replace(/^Uncaught /, '');
}
