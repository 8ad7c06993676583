import type { ConfigOf, Step } from './schema/types.ts';

/** Everything of a service that runs steps: endpoints, subscriptions, gRPC methods. */
export const handlersOf = (
  config: Pick<ConfigOf<'service'>, 'endpoints' | 'subscriptions' | 'grpc'>,
): { id: string; steps: Step[] }[] => [...config.endpoints, ...config.subscriptions, ...(config.grpc?.methods ?? [])];

/** The step lists inside a step with their places below it, empty ones too. */
export function placedSteps(step: Step): [readonly Step[], string][] {
  switch (step.do) {
    case 'choose':
      return [
        ...step.when.map((branch, index): [readonly Step[], string] => [branch.steps, `when/${index}/steps`]),
        [step.else ?? [], 'else'],
      ];
    case 'each':
    case 'transaction':
      return [[step.steps, 'steps']];
    case 'parallel':
      return step.branches.map((branch, index) => [branch.steps, `branches/${index}/steps`]);
    case 'try':
      return [
        [step.steps, 'steps'],
        ...step.catch.map((branch, index): [readonly Step[], string] => [branch.steps, `catch/${index}/steps`]),
        [step.finally ?? [], 'finally'],
      ];
    default:
      return [];
  }
}

/** The step lists inside a step, in the order in which they are written. */
export const innerSteps = (step: Step): readonly (readonly Step[])[] => placedSteps(step).map(([steps]) => steps);

/** Every step, each before its inner ones. */
export const flattenSteps = (steps: readonly Step[]): Step[] =>
  steps.flatMap((step): Step[] => [step, ...innerSteps(step).flatMap(flattenSteps)]);

/** Ids of all steps of a handler, at any depth. */
export const idsOf = (steps: readonly Step[]): Set<string> => new Set(flattenSteps(steps).map((step) => step.id));

/** The same tree with every list of steps replaced, innermost first. */
export function mapStepLists(step: Step, change: (steps: readonly Step[]) => Step[]): Step {
  switch (step.do) {
    case 'choose':
      return {
        ...step,
        when: step.when.map((branch) => ({ ...branch, steps: change(branch.steps) })),
        ...(step.else === undefined ? {} : { else: change(step.else) }),
      };
    case 'each':
    case 'transaction':
      return { ...step, steps: change(step.steps) };
    case 'parallel':
      return { ...step, branches: step.branches.map((branch) => ({ ...branch, steps: change(branch.steps) })) };
    case 'try':
      return {
        ...step,
        steps: change(step.steps),
        catch: step.catch.map((branch) => ({ ...branch, steps: change(branch.steps) })),
        ...(step.finally === undefined ? {} : { finally: change(step.finally) }),
      };
    default:
      return step;
  }
}

/** The same tree with every step replaced, inner ones too. */
export const mapSteps = (steps: readonly Step[], change: (step: Step) => Step): Step[] =>
  steps.map((step) => mapStepLists(change(step), (inner) => mapSteps(inner, change)));
