import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

const MANIFEST = 'precache-manifest.js';
/** Scripts the browser itself keeps for the service worker, and files that no page asks for. */
const NOT_SHELL = /\.map$|^(sw|mockServiceWorker|precache-manifest)\.js$|^index\.html$|^cli\/|(^|\/)\./;

/** Paths below `dir` with forward slashes, sorted, so that the version does not depend on the file system's order. */
function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/**
 * Writes `precache-manifest.js`: what the service worker caches for an offline start, and a version that changes with
 * any byte of it. It reads the output folder rather than the bundle, because the exported runtime is built before the
 * site and has to be there offline too.
 */
export function shellManifest(): Plugin {
  let outDir = 'dist';
  return {
    name: 'servarium:shell-manifest',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    configureServer(server) {
      server.middlewares.use(`/${MANIFEST}`, (_request, response) => {
        response.setHeader('content-type', 'text/javascript');
        response.end('self.__SHELL = { version: "dev", files: [] };\n');
      });
    },
    writeBundle() {
      const files = filesBelow(outDir).filter((path) => !NOT_SHELL.test(path));
      const hash = createHash('sha256').update(readFileSync(join(outDir, 'index.html')));
      for (const path of files) hash.update(path).update(readFileSync(join(outDir, path)));
      const shell = { version: hash.digest('hex').slice(0, 12), files: ['./', ...files.map((path) => `./${path}`)] };
      writeFileSync(join(outDir, MANIFEST), `self.__SHELL = ${JSON.stringify(shell)};\n`);
    },
  };
}
