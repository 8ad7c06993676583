/** The part of the Web Locks API that is used; absent on plain http and in old engines. */
export type Locks = Pick<LockManager, 'request'>;

export interface DocumentLock {
  /** True when this tab writes; decided before the promise of `holdDocument` settles. */
  readonly isHeld: boolean;
  /** Takes the lock from the tab that holds it. */
  takeOver(): Promise<void>;
  release(): void;
}

/**
 * One writer per document (B1 of the reliability page): the lock is tried at once, then waited for, so that a reading
 * tab becomes the writer when the writing one is closed. `changed` tells of both directions.
 */
export async function holdDocument(
  locks: Locks | undefined,
  documentId: string,
  changed: (isHeld: boolean) => void,
): Promise<DocumentLock> {
  const name = `servarium/${documentId}`;
  let isHeld = false;
  let isReleased = false;
  let letGo: () => void = () => undefined;
  const waiting = new AbortController();
  const hold = (): Promise<void> => {
    if (isReleased) return Promise.resolve();
    isHeld = true;
    return new Promise((resolve) => void (letGo = resolve));
  };
  const lost = (): void => {
    // Another tab took it over.
    isHeld = false;
    if (!isReleased) changed(false);
  };
  const lock: DocumentLock = {
    get isHeld() {
      return isHeld;
    },
    async takeOver() {
      if (isHeld || locks === undefined) return;
      await new Promise<void>((resolve) => {
        locks
          .request(name, { steal: true }, () => {
            const held = hold();
            resolve();
            changed(true);
            return held;
          })
          .catch(lost);
      });
    },
    release() {
      isReleased = true;
      isHeld = false;
      waiting.abort();
      letGo();
    },
  };
  if (locks === undefined) {
    isHeld = true;
    return lock;
  }
  await new Promise<void>((resolve) => {
    locks
      .request(name, { ifAvailable: true }, (granted) => {
        const held = granted === null ? undefined : hold();
        resolve();
        return held;
      })
      .catch(lost);
  });
  if (!isHeld) {
    const granted = (): Promise<void> => {
      const held = hold();
      if (!isReleased) changed(true);
      return held;
    };
    // Rejects only because it was aborted or stolen.
    locks.request(name, { signal: waiting.signal }, granted).catch(lost);
  }
  return lock;
}
