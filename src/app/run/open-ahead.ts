import type { Result } from '../../core/base/result.ts';
import type { RunBatch, RunDefinition, RunPort, RunState } from '../../core/fabric/run-api.ts';

/** The run that will probably be asked for first; `speed` in virtual seconds per wall second. */
export interface LikelyRun {
  definition: RunDefinition;
  speed: number;
}
interface Begun extends LikelyRun {
  opened: Promise<Result<RunState>>;
}

/** Definitions are plain data that one function makes: equal ones have equal text. */
const isSame = (a: RunDefinition, b: RunDefinition): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * A port whose first run begins before anybody asks for it: it starts its instances, boots and waits at t = 0. Whoever then
 * opens the same run gets this one, with everything that it has told meanwhile; if another one is opened, it is closed first.
 * `likely` null: nothing is begun. The log is that of a run that was opened later: boot is not paced.
 */
export function openAhead(port: RunPort, likely: Promise<LikelyRun | null>): RunPort {
  const listeners = new Set<(batch: RunBatch) => void>();
  /** What it has told before it was asked for; null = somebody asked. */
  let untold: RunBatch[] | null = [];
  port.subscribe((batch) => {
    if (untold === null) for (const listener of listeners) listener(batch);
    else untold.push(batch);
  });
  const begin = async (): Promise<Begun | null> => {
    const run = await likely;
    // Closed before it could begin.
    if (run === null || untold === null) return null;
    const opened = port.open(run.definition, { speed: run.speed, play: false });
    // Whoever takes it hears why it failed.
    opened.catch(() => undefined);
    return { ...run, opened };
  };
  const begun = begin();
  begun.catch(() => undefined);

  /** The run that was begun goes on for whoever asked for it. */
  const take = async (run: Begun, { speed, play }: { speed: number; play: boolean }): Promise<Result<RunState>> => {
    const told = untold ?? [];
    untold = null;
    for (const batch of told) for (const listener of listeners) listener(batch);
    const opened = await run.opened;
    if (!opened.ok) return opened;
    if (speed !== run.speed) await port.setSpeed(speed);
    if (play) await port.play();
    return opened;
  };
  return {
    ...port,
    async open(definition, options) {
      if (untold === null) return port.open(definition, options);
      const run = await begun;
      if (run !== null && isSame(run.definition, definition)) return take(run, options);
      if (run !== null) await port.close();
      untold = null;
      return port.open(definition, options);
    },
    async close() {
      untold = null;
      await port.close();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
