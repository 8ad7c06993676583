import { ok } from '../../core/base/result.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { RunBatch, RunDefinition, RunPort, RunState } from '../../core/fabric/run-api.ts';
import { declinedOrder, SAMPLE_TOPOLOGY } from '../../core/telemetry/sample-log.suite.ts';
import { createRunStore } from './run-store.ts';

/** The log that a test's port gives. */
export const events = declinedOrder();
/** A state of the run at `now`. */
export const state = (now: number, more: Partial<RunState> = {}): RunState => ({
  status: 'running',
  now,
  speed: 1,
  behindMs: 0,
  events: 0,
  inputs: 0,
  failure: null,
  ...more,
});
/** The run that tests open. */
export const definition: RunDefinition = {
  documentId: 'sample',
  topology: SAMPLE_TOPOLOGY,
  initialData: null,
  seed: 1,
  inputs: [],
};

/** A store over a port that does nothing but note what it is told; tests report batches and let frames and wall time pass. */
export function setUp() {
  let listener: ((batch: RunBatch) => void) | null = null;
  let inputs = 0;
  const calls: string[] = [];
  const done = (name: string) => async () => void calls.push(name);
  const port: RunPort = {
    open: async () => {
      calls.push('open');
      return ok(state(0, { status: 'paused' }));
    },
    close: done('close'),
    play: done('play'),
    pause: done('pause'),
    step: done('step'),
    setSpeed: async (speed) => void calls.push(`speed ${speed}`),
    inject: async (body) => ok({ at: 0, seq: inputs++, body }),
    edge: async () => ({ status: 200, headers: {}, body: null }),
    hash: async () => ({ sha256: '', events: 0, until: 0 }),
    log: async () => ['{}', ...events.map((event) => JSON.stringify(event)), ''].join('\n'),
    inputs: async () => [],
    stored: async () => [],
    wipe: done('wipe'),
    subscribe(next) {
      listener = next;
      return () => undefined;
    },
  };
  const frames: (() => void)[] = [];
  let wallMs = 0;
  const store = createRunStore(port, { frame: (callback) => void frames.push(callback), wallMs: () => wallMs });
  return {
    store,
    port,
    calls,
    report: (batch: LogEvent[], next: RunState) => listener?.({ events: batch, state: next }),
    frame: () => frames.splice(0).forEach((callback) => callback()),
    waitMs: (ms: number) => (wallMs += ms),
    wallMs: () => wallMs,
  };
}
/** The same with a run open. */
export async function opened() {
  const run = setUp();
  await run.store.open(definition, { speed: 1, play: true });
  run.frame();
  return run;
}
