import type { Behaviour, Effect, EffectResult, Failure } from './effect.ts';

/** Performs one effect; `done` is called exactly once, now or later. `parallel` never arrives here. */
export type Perform = (effect: Exclude<Effect, { do: 'parallel' }>, done: (result: EffectResult) => void) => void;

/**
 * Drives a behaviour to its end over callbacks: the one loop under the simulated instance and the container.
 * Answers that come at once are taken in a loop, not in recursion, so that 10,000 steps need no stack.
 */
export function drive(behaviour: Behaviour, perform: Perform, finished: (failure: Failure | null) => void): void {
  let looping = false;
  let answer: EffectResult | null = { ok: true, value: null };

  const loop = (): void => {
    looping = true;
    while (answer) {
      const given = answer;
      answer = null;
      const next = behaviour.next(given);
      if (next.done) {
        looping = false;
        finished(next.value);
        return;
      }
      const take = once((result) => {
        answer = result;
        if (!looping) loop();
      });
      if (next.value.do === 'parallel') driveAll(next.value.branches, perform, take);
      else perform(next.value, take);
    }
    looping = false;
  };
  loop();
}

function once(take: (result: EffectResult) => void): (result: EffectResult) => void {
  let taken = false;
  return (result) => {
    if (taken) throw new Error('an effect was answered twice');
    taken = true;
    take(result);
  };
}

/** All branches to their ends; the first failure in branch order counts. */
function driveAll(branches: Behaviour[], perform: Perform, done: (result: EffectResult) => void): void {
  const failures: (Failure | null)[] = branches.map(() => null);
  let left = branches.length;
  if (left === 0) return done({ ok: true, value: null });
  branches.forEach((branch, index) => {
    drive(branch, perform, (failure) => {
      failures[index] = failure;
      left -= 1;
      if (left > 0) return;
      const first = failures.find((f) => f !== null);
      done(first ? { ok: false, failure: first } : { ok: true, value: null });
    });
  });
}
