import type { Perform } from '../../behaviour/driver.ts';
import type { Effect, EffectResult, Failure } from '../../behaviour/effect.ts';

/** Whether a handler still works for somebody: its caller may give up or its time may end; then everything below it is told (RP2). */
export class Cancellation {
  /** Why nobody waits any more; null as long as somebody does. */
  failure: Failure | null = null;
  private readonly hooks = new Set<(failure: Failure) => void>();

  /** Called once when the handler's work is over; returns how to take the hook away. */
  onCancel(hook: (failure: Failure) => void): () => void {
    this.hooks.add(hook);
    return () => this.hooks.delete(hook);
  }

  cancel(failure: Failure): void {
    if (this.failure !== null) return;
    this.failure = failure;
    const hooks = [...this.hooks];
    this.hooks.clear();
    for (const hook of hooks) hook(failure);
  }
}

/** What may still happen in a handler that is over: telling what failed, and taking back what was not committed. */
const isAllowed = (effect: Effect): boolean =>
  effect.do === 'failed' ||
  effect.do === 'limit' ||
  effect.do === 'outbox' ||
  (effect.do === 'db' && effect.query.op === 'rollback');

/** Performs effects until the cancellation; from then on every new one is refused, so that nothing more is committed (RP2). A pause ends at once. */
export function untilCancelled(perform: Perform, cancellation: Cancellation): Perform {
  return (effect, done) => {
    if (cancellation.failure !== null && !isAllowed(effect)) done({ ok: false, failure: cancellation.failure });
    else if (effect.do === 'wait')
      givenUp(cancellation, done, (finish) => {
        perform(effect, finish);
        return { cancel: () => {} };
      });
    else perform(effect, done);
  };
}

/** Starts something that a cancellation gives up: it is cancelled, and its effect fails at once. Without a cancellation it just runs. */
export function givenUp(
  cancellation: Cancellation | undefined,
  done: (result: EffectResult) => void,
  start: (done: (result: EffectResult) => void) => { cancel(reason: string): void },
): void {
  let isOver = false;
  let call: { cancel(reason: string): void } | null = null;
  const forget = cancellation?.onCancel((failure) => {
    isOver = true;
    call?.cancel(failure.message);
    done({ ok: false, failure });
  });
  call = start((result) => {
    if (isOver) return;
    isOver = true;
    forget?.();
    done(result);
  });
}
