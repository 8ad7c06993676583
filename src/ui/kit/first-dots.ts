let dots: Promise<unknown> = Promise.resolve();

/** What a first visit can do without until its first dots move waits for `first` from now on; later visits wait for nothing. */
export function waitForDots(first: Promise<unknown>): void {
  dots = first;
}

/** Loads a part of the page that a first visit can do without until its first dots move. */
export async function afterFirstDots<T>(load: () => Promise<T>): Promise<T> {
  await dots;
  return load();
}
