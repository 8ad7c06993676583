import type { VirtualTime } from '../../../core/base/order.ts';
import type { Input } from '../../../core/fabric/input.ts';
import type { RunEnd, RunRecords } from '../storage/run-records.ts';

/** Wall ms within which a new cut is written. */
const CUT_MS = 50;

/** Writes the record of the current run, late by at most these times, one transaction at a time. */
export interface RunRecorder {
  inputs(inputs: readonly Input[]): void;
  /** Every store is durable up to `cut`; the log is final before `reached`. */
  progress(cut: VirtualTime, reached: VirtualTime): void;
  /** The cut that is itself in IndexedDB. */
  readonly durableCut: VirtualTime;
  /** Why the last write failed; tried again with the next one. */
  readonly problem: string | null;
  end(end: RunEnd): Promise<void>;
}

const NEVER = Number.MIN_SAFE_INTEGER;

/** `records` null: nothing is kept, nothing fails. */
export function createRunRecorder(records: Pick<RunRecords, 'update' | 'addInputs'> | null, id: string): RunRecorder {
  let inputs: Input[] = [];
  let wanted: { cut: VirtualTime; reached: VirtualTime } | null = null;
  let durableCut = NEVER;
  let problem: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    if (records === null) return;
    const [added, progress] = [inputs, wanted];
    inputs = [];
    wanted = null;
    try {
      if (added.length > 0) await records.addInputs(id, added);
      if (progress !== null) {
        await records.update(id, progress);
        durableCut = progress.cut;
      }
      problem = null;
    } catch (error) {
      inputs = added.concat(inputs);
      wanted ??= progress;
      problem = `Failed to record the run: ${String(error)}`;
    }
  };
  const later = (delayMs: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(write);
    }, delayMs);
  };
  return {
    inputs(added) {
      inputs.push(...added);
      later(0);
    },
    progress(cut, reached) {
      wanted = { cut, reached };
      later(CUT_MS);
    },
    get durableCut() {
      return durableCut;
    },
    get problem() {
      return problem;
    },
    async end(end) {
      clearTimeout(timer);
      await writing;
      await write();
      try {
        await records?.update(id, { ended: end });
      } catch (error) {
        problem = `Failed to record the end of the run: ${String(error)}`;
      }
    },
  };
}
