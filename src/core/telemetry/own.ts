import type { RunView } from './view.ts';

/** Copy on write: what a frame has shown never changes, and an object is copied at most once per frame. */
type CollectionName = {
  [K in keyof RunView]: RunView[K] extends Map<string, unknown> | unknown[] ? K : never;
}[keyof RunView];

/** The collection `name`, made safe to change in place. */
export function ownCollection<K extends CollectionName>(view: RunView, name: K): RunView[K] {
  const current = view[name];
  if (view.owned.has(current)) return current;
  const copy = (current instanceof Map ? new Map<string, unknown>(current) : [...(current as unknown[])]) as RunView[K];
  view[name] = copy;
  view.owned.add(copy);
  return copy;
}

/** The entry `key` of `map`, made safe to change in place by `copy`; undefined when there is none. */
export function ownEntry<T extends object>(
  view: RunView,
  map: Map<string, T>,
  key: string,
  copy: (value: T) => T,
): T | undefined {
  const current = map.get(key);
  if (current === undefined || view.owned.has(current)) return current;
  const mine = copy(current);
  map.set(key, mine);
  view.owned.add(mine);
  return mine;
}

/** Puts a new entry that this view may change in place. */
export function putEntry<T extends object>(view: RunView, map: Map<string, T>, key: string, value: T): T {
  map.set(key, value);
  view.owned.add(value);
  return value;
}

/**
 * Deletes the oldest entries down to `limit` once there are a sixteenth more; returns how many went. Not one by one: a map
 * steps over all entries that were deleted since it last grew before it finds its oldest.
 */
export function trimOldest(map: Map<string, unknown>, limit: number): number {
  let gone = 0;
  if (map.size <= limit + (limit >> 4)) return gone;
  for (const key of map.keys()) {
    if (map.size <= limit) break;
    map.delete(key);
    gone += 1;
  }
  return gone;
}
