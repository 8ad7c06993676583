/** A value that can be watched. */
export interface Observable<T> {
  get(): T;
  /** Called at each change; returns the end of watching. */
  subscribe(listener: (value: T) => void): () => void;
}
export interface Source<T> extends Observable<T> {
  set(value: T): void;
}

/** Tells listeners only when the value really changed. */
export function createSource<T>(initial: T): Source<T> {
  let value = initial;
  const listeners = new Set<(value: T) => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener(next);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
