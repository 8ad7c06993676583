import * as Comlink from 'comlink';
import { err, ok, type Result } from '../../core/base/result.ts';

/** What may stand on the far side of a port: named methods over plain data which return Results. */
export type Service<T> = { [M in keyof T]: (...args: never[]) => Answer<unknown> };
type Answer<V> = Result<V, string> | Promise<Result<V, string>>;
type Method = (...args: unknown[]) => Answer<unknown>;
type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
type Value<F> = F extends (...args: never[]) => infer R
  ? Awaited<R> extends Result<infer V, string>
    ? V
    : never
  : never;

/** The near side of one port. Calls always settle: with the answer, or with the reason why there is none. */
export interface Connection<T> {
  /** `deadlineMs` of wall time; null = the caller watches the time itself (one watchdog for many calls). */
  call<M extends keyof T & string>(
    method: M,
    deadlineMs: number | null,
    ...args: Arguments<T[M]>
  ): Promise<Result<Value<T[M]>, string>>;
  /** The far side is gone: every open and every later call settles with this reason. */
  fail(reason: string): void;
}

/** A Comlink proxy treats these names as its own, so a service that uses one would be called by accident or never. */
const RESERVED = new Set(['bind', 'then', 'call', 'apply']);

/**
 * Serves `service` on `endpoint`. Nothing is thrown across the border (Comlink keeps only name and message of an
 * error): a method that throws answers `err("<name>: <message>")`, and `onThrow` tells the host of the worker.
 */
export function serve<T extends Service<T>>(
  service: T,
  endpoint: Comlink.Endpoint,
  onThrow?: (reason: string) => void,
): void {
  const guarded: Record<string, Method> = {};
  for (const [name, method] of Object.entries(service) as [string, Method][]) {
    if (RESERVED.has(name)) throw new Error(`Assertion failed: no method of a worker is called ${name}`);
    guarded[name] = async (...args) => {
      try {
        return await method.apply(service, args);
      } catch (error) {
        const reason = reasonOf(error);
        onThrow?.(reason);
        return err(reason);
      }
    };
  }
  Comlink.expose(guarded, endpoint);
}

/** Connects to what `serve` offers on the other end of `endpoint`. */
export function connect<T extends Service<T>>(endpoint: Comlink.Endpoint): Connection<T> {
  const remote = Comlink.wrap<Record<string, Method>>(endpoint) as unknown as Record<string, Method>;
  // Every access to a Comlink proxy makes a new proxy and registers it for finalization: one per method is enough.
  const methods = new Map<string, Method>();
  const methodOf = (name: string): Method => {
    const known = methods.get(name) ?? (remote[name] as Method);
    methods.set(name, known);
    return known;
  };
  const open = new Set<(result: Result<never, string>) => void>();
  let gone: string | null = null;
  return {
    call(method, deadlineMs, ...args) {
      return new Promise((resolve) => {
        if (gone !== null) return resolve(err(gone));
        let timer: ReturnType<typeof setTimeout> | undefined;
        const settle = (result: Result<unknown, string>) => {
          if (!open.delete(settle)) return;
          if (timer !== undefined) clearTimeout(timer);
          resolve(result as never);
        };
        open.add(settle);
        if (deadlineMs !== null) {
          timer = setTimeout(() => settle(err(`Failed to call ${method}: no answer in ${deadlineMs} ms`)), deadlineMs);
        }
        // One message. What cannot be cloned throws here.
        Promise.resolve()
          .then(() => methodOf(method)(...args))
          .then(settle, (error: unknown) => settle(err(reasonOf(error))));
      });
    },
    fail(reason) {
      gone ??= reason;
      for (const settle of open) settle(err(gone));
    },
  };
}

/** Words for anything thrown: `TypeError: x is not a function`. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
  return String(error);
}

/** The value when a call succeeded with nothing to say. */
export const done = ok(null);
