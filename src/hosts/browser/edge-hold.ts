import { edgeTarget } from './edge-target.ts';

/**
 * Lets the page's own requests to the edge wait until somebody can answer them: before that they would leave for a server that does not know them.
 * Returns how to let them go; who was waiting asks again then, by whatever `fetch` is there.
 */
export function holdEdge(base: URL): () => void {
  const own = globalThis.fetch;
  const original = own.bind(globalThis);
  let release: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (release = resolve));
  let isHeld = true;
  const holding: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (!isHeld || edgeTarget(url, base) === null) return original(input, init);
    await opened;
    return globalThis.fetch(input, init);
  };
  globalThis.fetch = holding;
  return () => {
    isHeld = false;
    if (globalThis.fetch === holding) globalThis.fetch = own;
    release();
  };
}
