import { handlersOf } from '../../topology/steps.ts';
import type { Step, CallPolicy, ConfigOf } from '../../topology/schema/types.ts';

/** Name of a call in events and states: its handler and its step path; all rounds of a loop are the same call. */
export const callName = (handler: string, path: string): string => `${handler}/${path.replaceAll(/\[\d+\]/g, '')}`;

/** Policies of a service's `call` steps by `callName`. */
export function callPolicies(config: ConfigOf<'service'>): Map<string, CallPolicy> {
  const policies = new Map<string, CallPolicy>();
  const walk = (parent: string, steps: readonly Step[]): void => {
    for (const step of steps) {
      const path = `${parent}/${step.id}`;
      if (step.do === 'call' && step.policy !== undefined) policies.set(path, step.policy);
      for (const [below, inner] of innerPaths(path, step)) walk(below, inner);
    }
  };
  for (const handler of handlersOf(config)) walk(handler.id, handler.steps);
  return policies;
}

/** Step lists inside a step with the path that stands before their ids when they run. */
function innerPaths(path: string, step: Step): [string, readonly Step[]][] {
  switch (step.do) {
    case 'choose':
      return [...step.when, { steps: step.else ?? [] }].map(({ steps }) => [path, steps]);
    case 'each':
    case 'transaction':
      return [[path, step.steps]];
    case 'parallel':
      return step.branches.map(({ id, steps }) => [`${path}/${id}`, steps]);
    case 'try':
      return [step, ...step.catch, { steps: step.finally ?? [] }].map(({ steps }) => [path, steps]);
    default:
      return [];
  }
}
