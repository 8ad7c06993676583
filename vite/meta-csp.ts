import type { Plugin } from 'vite';

/**
 * `unsafe-inline` for styles is what the canvas library needs (it positions nodes with style attributes).
 * `wasm-unsafe-eval` permits WebAssembly only; JavaScript's eval stays forbidden.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self' https://*.servarium.test",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  // Texts become script addresses through our one policy alone (src/hosts/browser/trusted-scripts.ts), and HTML never.
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

/** Puts the content security policy into the built page. The dev server injects inline scripts, so it goes without. */
export function metaCsp(): Plugin {
  return {
    name: 'servarium:meta-csp',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      // After the charset, which has to stand in the first 1024 bytes, and before anything that loads.
      handler: (html) => {
        const charset = '<meta charset="utf-8" />';
        if (!html.includes(charset))
          throw new Error(`Failed to add the content security policy: no ${charset} in index.html`);
        return html.replace(
          charset,
          `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />`,
        );
      },
    },
  };
}
