import type { LogEvent } from '../../../core/fabric/event.ts';
import type { RunDefinition } from '../../../core/fabric/run-api.ts';
import type { ExecutableTopology } from '../../../core/topology/schema/types.ts';
import { VirtualRun, type VirtualOptions } from '../run-virtual.ts';
import { troublesOf, type Step } from './calls-swarm.suite.ts';
import { featuresOf, variantOf, type Features } from './calls-variants.suite.ts';
import { healing } from './swarm.suite.ts';

/** Disturbed until here; what still ends later ends with the healing. µs */
const DISTURBED = 320_000;
/** Restarts, rolling releases and time-outs are over by then. µs */
const QUIET = 1_700_000;
/** A connection that got stuck is given up and the registration renewed by then. µs */
const QUIET_AFTER_CUT = 14_500_000;
/** On a connection that keeps order, what was lost and is sent again holds up the rest beyond this. µs */
const LATE = DISTURBED + 1_000_000;
const ROLLING = 4_000_000;
/** Requests by hand after the quiet, and the time for their answers. */
const ASKED = 2;
const ANSWERED = 700_000;

/** A run of the small system that was disturbed, healed, left alone, and asked again. */
export interface CallsRun {
  seed: number;
  features: Features;
  topology: ExecutableTopology;
  definition: RunDefinition;
  steps: Step[];
  run: VirtualRun;
  events: readonly LogEvent[];
  /** When it was asked again. */
  askedAt: number;
}

export function definitionOf(seed: number, features = featuresOf(seed)): RunDefinition {
  const topology = variantOf(features);
  return { documentId: 'calls', topology, initialData: null, seed, inputs: [] };
}

/** Plays one seed; `crowd`: with six times the requests while it is disturbed. */
export function playCalls(seed: number, options: VirtualOptions = { hash: false }, crowd = false): CallsRun {
  const features = { ...featuresOf(seed), crowd };
  const definition = definitionOf(seed, features);
  const { topology } = definition;
  const run = new VirtualRun(definition, options);
  const steps = troublesOf(topology, features, seed);
  for (const { at, body } of steps) {
    if (at >= DISTURBED) break;
    run.runUntil(at);
    run.inject(body);
  }
  run.runUntil(DISTURBED);
  for (const body of healing(topology, steps)) run.inject(body);
  const isCut = run.events.some(
    (event) =>
      event.type === 'message.sent' && isOrdered(event) && (event.cause !== undefined || event.arriveAt > LATE),
  );
  const isRolling = steps.some(({ kind }) => kind === 'redeploy');
  run.runUntil(DISTURBED + (isCut ? QUIET_AFTER_CUT : QUIET) + (isRolling ? ROLLING : 0));
  const askedAt = run.fabric.horizon;
  for (let n = 0; n < ASKED; n++) run.inject({ kind: 'request', node: 'web', requestId: 'order' });
  for (let n = 0; features.grpc && n < ASKED; n++) run.inject({ kind: 'request', node: 'app', requestId: 'list' });
  run.runUntil(askedAt + ANSWERED);
  return { seed, features, topology, definition, steps, run, events: run.events, askedAt };
}

const isOrdered = (event: Extract<LogEvent, { type: 'message.sent' }>): boolean =>
  !event.payload.kind.startsWith('http.');
