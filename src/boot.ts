import { exampleUrl, FIRST_EXAMPLE, readLast } from './app/last-document.ts';
import { openAhead, type LikelyRun } from './app/run/open-ahead.ts';
import { definitionOf, speedOf } from './app/run/start-run.ts';
import type { Document } from './core/topology/schema/types.ts';
import { createBrowserRun } from './hosts/browser/run-port.ts';
import { knowsNothing } from './hosts/browser/storage/names.ts';
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
// needs is on its way, and the run itself boots, while the page's own code, which weighs twice as much, is being loaded.
const storage = pageStorage();
const isFirstVisit = readLast(storage) === null;
const example = isFirstVisit ? fetch(exampleUrl(base, FIRST_EXAMPLE)) : null;
// Whoever takes it says why it failed.
example?.catch(() => undefined);
let early: Worker | null = makeFabric();
// Failed before anybody listened: the next one tells why.
early.addEventListener('error', () => (early = null), { once: true });

/** The run of the shipped example where nothing else can be opened: in a browser that has kept nothing of ours. */
async function likelyRun(): Promise<LikelyRun | null> {
  // Copied before the page reads it.
  const copy = example?.then((answer) => answer.clone());
  if (copy === undefined || storage === null || !(await knowsNothing())) return null;
  const document = (await (await copy).json()) as Document;
  return { definition: definitionOf(document), speed: speedOf(document.speed) };
}

const port = createBrowserRun({
  spawnFabric: () => {
    const taken = early ?? makeFabric();
    early = null;
    return taken;
  },
  // Only where a worker cannot make workers.
  spawnInstance: (name) =>
    new Worker(new URL('../workers/instance.worker.ts', import.meta.url), { type: 'module', name }),
  watchdog: !new URLSearchParams(location.search).has('debug'),
});

/** What this module has begun before the page's own code is there. */
export const begun = {
  /** The site's own address. */
  base,
  /** Null where it is blocked. */
  storage,
  /** The answer with the example that a first visit opens; null on later visits. */
  example,
  /** The run of the page; on a first visit that of the example is booting already. */
  port: openAhead(
    port,
    likelyRun().catch(() => null),
  ),
  /** The dots: asked for here, they arrive with the page's code and not after it. */
  packets: import('./ui/packets/packet-layer.tsx'),
};
begun.packets.catch(() => undefined);
