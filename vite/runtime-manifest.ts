import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/**
 * Writes `manifest.json` beside the exported runtime: the entry file, and each file with its size and sha256, so that an
 * exporter can load exactly the files it needs and say in the export which bytes it put there.
 */
export function runtimeManifest(entry: string): Plugin {
  return {
    name: 'servarium:runtime-manifest',
    writeBundle(options) {
      const dir = options.dir ?? '.';
      const files = readdirSync(dir)
        .filter((file) => file.endsWith('.mjs'))
        .sort()
        .map((file) => {
          const content = readFileSync(join(dir, file));
          return { file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
        });
      writeFileSync(join(dir, 'manifest.json'), `${JSON.stringify({ entry, files }, null, 2)}\n`);
    },
  };
}
