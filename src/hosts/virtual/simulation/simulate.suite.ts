import type { VirtualTime } from '../../../core/base/order.ts';
import type { EventOf } from '../../../core/fabric/event.ts';
import type { RunDefinition } from '../../../core/fabric/run-api.ts';
import type { ExecutableTopology } from '../../../core/topology/schema/types.ts';
import { runVirtual, VirtualRun } from '../run-virtual.ts';
import { healing, swarm, type Action } from './swarm.suite.ts';

/** Virtual µs: disturbed until here, then healed, then at rest after the quiet. */
const DISTURBED = 15e6;
const QUIET = 70e6;

function rest(run: VirtualRun, topology: ExecutableTopology, from: VirtualTime, actions: readonly Action[]): void {
  run.runUntil(from);
  for (const body of healing(topology, actions)) run.inject(body);
  run.runUntil(run.fabric.horizon + QUIET);
}

/** Every message of the trace of the first order that was shipped. */
export function messagesOfOneOrder(definition: RunDefinition): EventOf<'message.sent'>[] {
  const { events } = runVirtual(definition, 12e6);
  const shipped = events.find((event) => event.type === 'span.started' && event.name === 'process shipment.created');
  const traceId = shipped?.type === 'span.started' ? shipped.traceId : '';
  return events.filter(
    (event): event is EventOf<'message.sent'> => event.type === 'message.sent' && event.trace?.traceId === traceId,
  );
}

/** A run in which whoever sent this message dies right after it, healed and rested. */
export function simulateDeath(definition: RunDefinition, sent: EventOf<'message.sent'>): VirtualRun {
  const run = new VirtualRun(definition);
  run.runUntil(sent.t + 1);
  run.inject({ kind: 'crash.observed', instance: sent.from, reason: 'died after a message' });
  rest(run, definition.topology, sent.t + 4e6, []);
  return run;
}

/** One disturbed, healed and rested run of a system under its own swarm of faults. */
export function simulate(definition: RunDefinition): { run: VirtualRun; kinds: Set<Action['kind']> } {
  const { topology, seed } = definition;
  const run = new VirtualRun(definition);
  const actions = swarm(topology, seed, DISTURBED);
  for (const { at, body } of actions) {
    run.runUntil(at);
    run.inject(body);
  }
  // What ends a disturbance may come after the others.
  rest(run, topology, Math.max(DISTURBED, run.fabric.horizon), actions);
  return { run, kinds: new Set(actions.map((action) => action.kind)) };
}
