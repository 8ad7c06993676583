import type { Plugin, UserConfig } from 'vite';

/** The MongoDB driver's own file: four times the rest of the runtime, so only a drawing with a MongoDB carries it. */
export const MONGODB_FILE = 'mongodb.mjs';

/** Optional companions of the drivers: they ask for them inside try/catch and work without. */
const OPTIONAL_COMPANIONS = [
  'pg-native',
  'mongodb-client-encryption',
  'kerberos',
  'snappy',
  'socks',
  'gcp-metadata',
  '@mongodb-js/zstd',
  '@aws-sdk/credential-providers',
];

/** Settings of a file that runs inside an exported container: everything in one file, since there is no node_modules. */
export function containerBundle(input: string, file: string, plugins: Plugin[]): UserConfig {
  return {
    publicDir: false,
    plugins,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: 'dist/runtime',
      emptyOutDir: false,
      target: 'node22',
      minify: true,
      rolldownOptions: {
        input,
        external: OPTIONAL_COMPANIONS,
        output: {
          format: 'es',
          // The file travels through zip, ConfigMap and YAML: bytes above 127 have no business there.
          charset: 'ascii',
          entryFileNames: file,
          codeSplitting: false,
        },
      },
    },
  };
}
