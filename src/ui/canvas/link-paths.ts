import type { LinkPath } from './curve.ts';

let paths: ReadonlyMap<string, LinkPath> = new Map();
const listeners = new Set<() => void>();

/** The drawn way of a link from its `from` to its `to`, in flow coordinates; undefined while it is not on the canvas. */
export const linkPath = (link: string): LinkPath | undefined => paths.get(link);

/** Set by the canvas whenever the layout changes. */
export function setLinkPaths(next: ReadonlyMap<string, LinkPath>): void {
  paths = next;
  for (const listener of listeners) listener();
}

/** Called after the layout changed. */
export function onLinkPaths(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
