import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { bootFirst } from './vite/boot-first.ts';
import { leanCel } from './vite/lean-cel.ts';
import { metaCsp } from './vite/meta-csp.ts';
import { shellManifest } from './vite/shell-manifest.ts';

const tldts = {
  find: /^tldts$/,
  replacement: fileURLToPath(new URL('./src/hosts/browser/shims/tldts.ts', import.meta.url)),
};

const d3Color = { find: /^d3-color$/, replacement: fileURLToPath(new URL('./vite/no-colours.ts', import.meta.url)) };

export default defineConfig({
  // Relative addresses: the same files work at a domain's root, below a project path and from any static server.
  base: './',
  // No page answers for another one: an unknown address is 404 in preview, as on a static host.
  appType: 'mpa',
  resolve: { alias: [tldts, d3Color] },
  plugins: [react(), leanCel(), bootFirst('src/boot.ts'), metaCsp(), shellManifest()],
  worker: { format: 'es', plugins: () => [leanCel()] },
  build: {
    target: 'es2023',
    // The first versions with light-dark(): without this list it would be rewritten into a fragile imitation.
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
    sourcemap: true,
    // dist/runtime is built first; scripts/build.mjs empties dist.
    emptyOutDir: false,
    // The content security policy allows no data: fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What the page needs at once is one file: cut up along what later parts share with it, it would weigh more.
        // The boot module with its few lines stands apart, because it runs before the rest has arrived.
        codeSplitting: {
          groups: [
            { name: 'boot', test: /[\\/]src[\\/]boot\.ts$/, priority: 1 },
            { name: 'main', test: /[\\/]src[\\/]main\.tsx$/ },
          ],
        },
      },
      // Makers of components and interpolators that nothing uses would stay because they are called when their module loads.
      treeshake: {
        manualPureFunctions: [
          'memo',
          'forwardRef',
          'createContext',
          'cubehelix',
          'interpolateTransform',
          'rgbSpline',
          'hsl',
          'hcl',
        ],
      },
    },
  },
});
