import type { Plugin, Rolldown } from 'vite';

type Chunk = Rolldown.OutputChunk & { viteMetadata?: { importedCss: Set<string> } };

/**
 * Names in the built page what `src/boot.ts` loads by itself a moment later: the page's code with its static imports
 * and style sheets, and the script of instances. Without it each would be found only after the one before had run.
 */
export function firstChunks(main: string, workers: readonly string[]): Plugin {
  return {
    name: 'servarium:first-chunks',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const files = Object.values(bundle);
        const entry = files.find((file) => file.type === 'chunk' && file.moduleIds.some((id) => id.endsWith(main)));
        if (entry?.type !== 'chunk')
          throw new Error(`Failed to name the first chunks: ${main} has no chunk of its own`);
        const boot = files.find((file) => file.type === 'chunk' && file.dynamicImports.includes(entry.fileName));
        if (boot?.type !== 'chunk' || boot.imports.includes(entry.fileName))
          throw new Error(`Failed to keep ${main} behind the script that loads it: it would run first`);
        const found = new Set<string>();
        const styles = new Set<string>();
        const visit = (file: string): void => {
          const chunk = bundle[file];
          if (found.has(file) || chunk?.type !== 'chunk') return;
          found.add(file);
          for (const css of (chunk as Chunk).viteMetadata?.importedCss ?? []) styles.add(css);
          chunk.imports.forEach(visit);
        };
        visit(entry.fileName);
        for (const name of workers) {
          const script = files.find(
            ({ fileName }) => fileName.startsWith(`assets/${name}-`) && fileName.endsWith('.js'),
          );
          if (!script) throw new Error(`Failed to name the first chunks: ${name} was not built`);
          found.add(script.fileName);
        }
        const link = (rel: string) => (file: string) => ({
          tag: 'link',
          attrs: { rel, crossorigin: true, href: `./${file}` },
          injectTo: 'head' as const,
        });
        return [...[...found].map(link('modulepreload')), ...[...styles].map(link('stylesheet'))];
      },
    },
  };
}
