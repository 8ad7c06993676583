import { createRequire } from 'node:module';
import { defineConfig, type Plugin } from 'vite';
import { containerBundle, MONGODB_FILE } from './vite/container-bundle.ts';

const ENTRY = 'virtual:mongodb-driver';

/** The driver is CommonJS: its names are written out, so that `const { MongoClient } = await import(...)` finds them. */
const driverEntry: Plugin = {
  name: 'servarium:mongodb-driver',
  enforce: 'pre',
  resolveId: (id) => (id === ENTRY ? `\0${ENTRY}` : null),
  load(id) {
    if (id !== `\0${ENTRY}`) return null;
    const names = Object.keys(createRequire(import.meta.url)('mongodb') as object).filter((name) => /^\w+$/.test(name));
    return `import driver from 'mongodb';\nexport const { ${names.join(', ')} } = driver;\n`;
  },
};

export default defineConfig(containerBundle(ENTRY, MONGODB_FILE, [driverEntry]));
