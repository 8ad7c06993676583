const ALIAS = '.servarium.test';

/** Node name and path of an address at the edge: `<base>edge/<node>/<path>` or `https://<node>.servarium.test/<path>`; null for any other. */
export function edgeTarget(url: URL, base: URL): { name: string; path: string } | null {
  if (url.hostname.endsWith(ALIAS)) {
    return { name: url.hostname.slice(0, -ALIAS.length), path: url.pathname + url.search };
  }
  const prefix = `${base.pathname}edge/`;
  if (url.origin !== base.origin || !url.pathname.startsWith(prefix)) return null;
  const rest = url.pathname.slice(prefix.length);
  const slash = rest.indexOf('/');
  const name = slash === -1 ? rest : rest.slice(0, slash);
  return { name: decodeURIComponent(name), path: (slash === -1 ? '/' : rest.slice(slash)) + url.search };
}
