import { exampleUrl, FIRST_EXAMPLE, readLast } from './app/last-document.ts';
import { trustOwnScripts } from './hosts/browser/trusted-scripts.ts';

const base = new URL('./', document.baseURI);
trustOwnScripts(base);

/** The page's storage, or null where it is blocked. */
function pageStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const makeFabric = () => new Worker(new URL('../workers/fabric.worker.ts', import.meta.url), { type: 'module' });

// The built page runs this module by itself, before the others have arrived (vite/boot-first.ts): what the first run
// needs is on its way while the page's own code, ten times as much, is still being loaded.
const storage = pageStorage();
const example = readLast(storage) === null ? fetch(exampleUrl(base, FIRST_EXAMPLE)) : null;
// Whoever takes it says why it failed.
example?.catch(() => undefined);
let early: Worker | null = makeFabric();
// Failed before anybody listened: the next one tells why.
early.addEventListener('error', () => (early = null), { once: true });

/** What this module has begun before the page's own code is there. */
export const begun = {
  /** The site's own address. */
  base,
  /** Null where it is blocked. */
  storage,
  /** The answer with the example that a first visit opens; null on later visits. */
  example,
  /** A fabric worker: the first one is already loading. */
  spawnFabric: (): Worker => {
    const taken = early ?? makeFabric();
    early = null;
    return taken;
  },
};
