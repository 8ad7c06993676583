/** A path as nginx looks at it, or null where nginx answers 400. */
export interface NginxPath {
  /** Decoded, `//` merged, `.` and `..` resolved. */
  path: string;
  /** With its question mark; empty without one. A fragment is dropped. */
  query: string;
}

/** Decodes escapes of one path; null for a broken one or a zero byte. Slashes and dots that were escaped count as such, `%3F`, `%23` and `%25` do not end the path. */
function decode(path: string): string | null {
  let text = '';
  for (let at = 0; at < path.length;) {
    if (path.charAt(at) !== '%') {
      text += path.charAt(at);
      at += 1;
      continue;
    }
    const [run] = /^(?:%[0-9a-f]{2})+/i.exec(path.slice(at)) ?? [];
    if (run === undefined || /%00/.test(run)) return null;
    text += decodeRun(run);
    at += run.length;
  }
  return text;
}

/** UTF-8 where it is, else byte by byte. */
function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  }
}

/** What nginx matches locations against (GW2): decoded, slashes merged, dots resolved; a `..` above the root is a bad request. */
export function nginxPath(target: string): NginxPath | null {
  const [whole = ''] = target.split('#', 1);
  const at = whole.indexOf('?');
  const path = decode(at < 0 ? whole : whole.slice(0, at));
  if (path?.startsWith('/') !== true) return null;
  const segments = path.slice(1).split('/');
  const kept: string[] = [];
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === '..') kept.push('..');
    else if (segment !== '' && segment !== '.') kept.push(segment);
    if (isLast && (segment === '' || segment === '.' || segment === '..')) kept.push('');
  });
  const resolved: string[] = [];
  for (const segment of kept) {
    if (segment !== '..') resolved.push(segment);
    else if (resolved.pop() === undefined) return null;
  }
  return { path: `/${resolved.join('/')}`, query: at < 0 ? '' : whole.slice(at) };
}

/** The path as nginx writes it into a request of its own: what cannot stand in one is escaped. */
export const escapePath = (path: string): string =>
  path.replace(/[^\u0021\u0022\u0024\u0026-\u003e\u0040-\u007e]/gu, (char) => encodeURIComponent(char));
