import type { HttpReply, HttpRequest } from '../../core/fabric/message.ts';
import { edgeTarget } from './edge-target.ts';
import { problemReply } from './worker/edge-desk.ts';

/** How requests of the page reach the run: through the service worker, by a replaced `fetch`, or not at all. */
export type EdgeStatus = 'service-worker' | 'fallback';

export interface EdgeOptions {
  /** The site's own address, ending with a slash: scope of the service worker. */
  base: URL;
  /** Node id of a network name or id; null = there is no such node. */
  nodeOf(name: string): string | null;
  /** False in a tab that only reads the document: another tab's run would have to answer. */
  owns(): boolean;
  /** `RunPort.edge`. */
  answer(node: string, request: HttpRequest): Promise<HttpReply>;
}

/** Wall ms to wait for a page to be claimed, and for the service worker to come up (8-dependencies A.2, 6). */
const CLAIM_MS = 2_000;
const START_MS = 8_000;
/** Characters of a request body; above it the request is answered with 413. */
export const EDGE_BODY_LIMIT = 5 * 1024 * 1024;

/** Answers one request of the page; null when its address is not at the edge. Never rejects. */
export async function answerEdge(request: Request, options: EdgeOptions): Promise<Response | null> {
  const target = edgeTarget(new URL(request.url), options.base);
  if (target === null) return null;
  return responseOf(await reply(request, target, options));
}

async function reply(
  request: Request,
  { name, path }: { name: string; path: string },
  options: EdgeOptions,
): Promise<HttpReply> {
  if (!options.owns()) {
    return problemReply(503, 'EDGE_OTHER_TAB', 'this document runs in another tab: send the request from there');
  }
  const node = options.nodeOf(name);
  if (node === null) return problemReply(404, 'EDGE_NO_NODE', `there is no node called ${name}`);
  const body = await request.text();
  if (body.length > EDGE_BODY_LIMIT) return problemReply(413, 'EDGE_BODY_TOO_LARGE', 'the body is larger than 5 MiB');
  const headers = Object.fromEntries(request.headers);
  return options.answer(node, { method: request.method, path, headers, body: body === '' ? null : body });
}

/** Statuses that a Response may not have a body with. */
const BODILESS = new Set([204, 205, 304]);

/** The browser's response for a simulated reply; a status that no response can have becomes 502. */
export function responseOf({ status, headers, body }: HttpReply): Response {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    return responseOf(problemReply(502, 'EDGE_BAD_STATUS', `the reply has status ${status}`));
  }
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    // The browser counts the bytes itself; a wrong number would only confuse whoever reads it.
    if (name.toLowerCase() !== 'content-length' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      sent.set(name, value.replaceAll(/[\r\n\0]/g, ' '));
    }
  }
  return new Response(BODILESS.has(status) ? null : body, { status, headers: sent });
}

const within = <T>(promise: Promise<T>, ms: number): Promise<T | 'late'> =>
  Promise.race([promise, new Promise<'late'>((resolve) => void setTimeout(resolve, ms, 'late'))]);

/**
 * Opens the edge for this page. Settles always, after at most about ten seconds; the page does not have to wait for it.
 * Where service workers are absent or blocked, the page's own `fetch` is replaced instead (DevTools then shows nothing).
 */
export async function startEdge(options: EdgeOptions): Promise<EdgeStatus> {
  const container: ServiceWorkerContainer | undefined = navigator.serviceWorker;
  if (container === undefined) return replaceFetch(options);
  try {
    await claim(container, options.base);
    // 38 kB that the first screen does not need.
    const { startNetwork } = await import('./edge-network.ts');
    if ((await within(startNetwork(options), START_MS)) === 'late') return replaceFetch(options);
    return container.controller === null ? replaceFetch(options) : 'service-worker';
  } catch {
    return replaceFetch(options);
  }
}

/** After a forced reload the page has no controller, and the start of the network would never end. */
async function claim(container: ServiceWorkerContainer, base: URL): Promise<void> {
  const registration = await within(container.getRegistration(base), CLAIM_MS);
  if (registration === 'late' || !registration?.active || container.controller) return;
  const claimed = new Promise<void>((resolve) => {
    container.addEventListener('controllerchange', () => resolve(), { once: true });
  });
  registration.active.postMessage('CLAIM');
  await within(claimed, CLAIM_MS);
}

let isReplaced = false;
function replaceFetch(options: EdgeOptions): EdgeStatus {
  if (isReplaced) return 'fallback';
  isReplaced = true;
  const original = globalThis.fetch.bind(globalThis);
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (edgeTarget(url, options.base) === null) return original(input, init);
    return (await answerEdge(new Request(input, init), options)) ?? original(input, init);
  };
  return 'fallback';
}
