import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * Of the CEL library the site uses the parser alone (`core/expression`), but its front door builds the evaluator, the type
 * checker and their registry as it loads: two thirds of it, in every instance's worker. In the site's bundles the package is
 * `cel-reader.ts`, and the parser gets the names of the operators without what evaluates them. Everywhere else, and in the
 * tests, it is the whole library; `tests/lean-cel.test.ts` holds both to give the same trees and the same complaints.
 */
export function leanCel(): Plugin {
  return {
    name: 'servarium:lean-cel',
    apply: 'build',
    enforce: 'pre',
    resolveId(source, importer) {
      if (source === '@marcbachmann/cel-js') return fileOf('./cel-reader.ts');
      const isInside = importer !== undefined && /[\\/]cel-js[\\/]lib[\\/](parser|macros)\.js$/.test(importer);
      return isInside && /^\.\/(operators|functions)\.js$/.test(source) ? fileOf('./cel-names.ts') : null;
    },
  };
}
