import type { PreferenceStorage } from './view/preferences.ts';

const LAST = 'servarium/last-document';
/** The shipped example that a first visit opens. */
export const FIRST_EXAMPLE = 'order-saga';

/** Where a shipped example is. `base`: the site's own address. */
export const exampleUrl = (base: URL, name: string): URL => new URL(`examples/${name}.json`, base);

/** Id of the document that was open last in this browser; null = none, or the storage is blocked. */
export function readLast(storage: PreferenceStorage | null): string | null {
  try {
    return storage?.getItem(LAST) ?? null;
  } catch {
    return null;
  }
}

/** Notes the open document for the next visit. */
export function remember(storage: PreferenceStorage | null, id: string): void {
  try {
    storage?.setItem(LAST, id);
  } catch {
    // Blocked or full: the next visit starts with the example.
  }
}
