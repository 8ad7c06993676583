import { setupWorker } from 'msw/browser';
import { http, HttpResponse } from 'msw/http';
import { answerEdge, type EdgeOptions } from './edge.ts';

/**
 * Connects this page to the site's one service worker (public/sw.js, which imports msw's script and lets it see only
 * the edge). May never settle where a browser hangs: the caller races it.
 */
export async function startNetwork(options: EdgeOptions): Promise<void> {
  const worker = setupWorker(
    http.all('*', async ({ request }) => {
      const response = await answerEdge(request, options);
      // Not at the edge (the in-page fallback sees everything): the request goes on as it was.
      if (response === null) return undefined;
      return new HttpResponse(response.body, { status: response.status, headers: response.headers });
    }),
  );
  await worker.start({
    quiet: true,
    onUnhandledFrame: 'bypass',
    serviceWorker: { url: new URL('sw.js', options.base).pathname, options: { scope: options.base.pathname } },
  });
}
