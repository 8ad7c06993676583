/** What of Trusted Types is needed here; TypeScript's own types do not know it. */
interface PolicyMaker {
  createPolicy(name: 'default', rules: { createScriptURL(address: string): string | null }): unknown;
}

/** True for the site's own scripts: `<base>sw.js` and the built files below `<base>assets/`. */
export function isOwnScript(address: string, base: URL): boolean {
  let url: URL;
  try {
    url = new URL(address, base);
  } catch {
    return false;
  }
  if (url.origin !== base.origin || url.search !== '') return false;
  const { pathname } = url;
  return (
    pathname === `${base.pathname}sw.js` || (pathname.startsWith(`${base.pathname}assets/`) && pathname.endsWith('.js'))
  );
}

/**
 * Makes the only Trusted Types policy of this page or worker, before anything else runs: a text becomes the address of a
 * script only if it is one of ours, and never HTML or code. It acts where the content security policy asks for it
 * (vite/meta-csp.ts); browsers without Trusted Types go without. `base`: the site's own address.
 */
export function trustOwnScripts(base: URL): void {
  const { trustedTypes } = globalThis as { trustedTypes?: PolicyMaker };
  trustedTypes?.createPolicy('default', {
    createScriptURL: (address) => (isOwnScript(address, base) ? address : null),
  });
}
