/** Wall ms to wait for another run of the same document to end: after a reload the old worker is still going away. */
const WAIT_MS = 3_000;

/**
 * One run per document in this browser: two would write the same rows. Settles with the release, or null when another
 * tab keeps running it. Where Web Locks are absent (plain http) nobody is refused.
 */
export async function lockRun(documentId: string): Promise<(() => void) | null> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  if (locks === undefined) return () => undefined;
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), WAIT_MS);
  return new Promise((resolve) => {
    locks
      .request(`servarium/${documentId}/run`, { signal: waiting.signal }, () => {
        clearTimeout(timer);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(() => resolve(null));
  });
}
