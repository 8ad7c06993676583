import { join } from 'node:path';
import type { Plugin } from 'vite';

/**
 * Gives the page's first module a chunk and a script element of its own, before the one of the page: it weighs a
 * hundredth of it, so it runs while the rest is still being loaded. The page's code imports the same chunk.
 */
export function bootFirst(module: string): Plugin {
  let id = '';
  return {
    name: 'servarium:boot-first',
    apply: 'build',
    configResolved({ root }) {
      id = join(root, module);
    },
    buildStart() {
      this.emitFile({ type: 'chunk', id, name: 'boot' });
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const boot = Object.values(bundle).find((file) => file.type === 'chunk' && file.moduleIds.includes(id));
        const main = '<script type="module"';
        if (!boot || !html.includes(main)) throw new Error(`Failed to start ${module} first: no chunk of its own`);
        const own = `crossorigin src="./${boot.fileName}"></script>`;
        // async: as soon as it is there, whatever is still being read; named once.
        const rest = html.replace(`${main} ${own}`, '');
        return rest.replace(main, `${main} async ${own}\n    ${main}`);
      },
    },
  };
}
