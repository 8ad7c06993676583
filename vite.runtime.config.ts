import { defineConfig, type Plugin } from 'vite';
import { containerBundle, MONGODB_FILE } from './vite/container-bundle.ts';
import { runtimeManifest } from './vite/runtime-manifest.ts';

const ENTRY = 'servarium-runtime.mjs';

/** `import('mongodb')` becomes an import of the file beside the runtime. */
const mongodbBeside: Plugin = {
  name: 'servarium:mongodb-beside',
  enforce: 'pre',
  resolveId: (id) => (id === 'mongodb' ? { id: `./${MONGODB_FILE}`, external: true } : null),
};

/** The program inside every exported container. Built after vite.mongodb.config.ts: the manifest lists both files. */
export default defineConfig(containerBundle('src/hosts/node/main.ts', ENTRY, [mongodbBeside, runtimeManifest(ENTRY)]));
