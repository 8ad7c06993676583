/** Percent-decodes one path segment or query part; malformed escapes stay as they are. */
function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const parameterOf = (segment: string): string | null =>
  segment.length > 2 && segment.startsWith('{') && segment.endsWith('}') ? segment.slice(1, -1) : null;

/** Path and decoded query of a request target; of a repeated name the first value counts (as Go's and the browser's `get`); a fragment is dropped. */
export function splitTarget(target: string): { path: string; query: Record<string, string> } {
  const [whole = ''] = target.split('#', 1);
  const at = whole.indexOf('?');
  if (at < 0) return { path: whole, query: {} };
  const query = new Map<string, string>();
  for (const part of whole.slice(at + 1).split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodePart((equals < 0 ? part : part.slice(0, equals)).replaceAll('+', ' '));
    const value = equals < 0 ? '' : decodePart(part.slice(equals + 1).replaceAll('+', ' '));
    if (!query.has(name)) query.set(name, value);
  }
  return { path: whole.slice(0, at), query: Object.fromEntries(query) };
}

/** Decoded `{name}` parameters when the whole path matches the template, else null; a parameter is exactly one non-empty segment, a trailing slash counts. */
export function matchTemplate(template: string, path: string): Record<string, string> | null {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: [string, string][] = [];
  for (const [index, segment] of wanted.entries()) {
    const value = decodePart(given[index] as string);
    const name = parameterOf(segment);
    if (name === null) {
      if (decodePart(segment) !== value) return null;
    } else {
      if (value === '') return null;
      params.push([name, value]);
    }
  }
  return Object.fromEntries(params);
}

/** Path of a template with its parameters filled in, percent-encoded; null when one is missing. */
export function fillTemplate(template: string, params: Record<string, string>): string | null {
  const segments: string[] = [];
  for (const segment of template.split('/')) {
    const name = parameterOf(segment);
    const value = name === null ? segment : encodeURIComponent(params[name] ?? '');
    if (name !== null && value === '') return null;
    segments.push(value);
  }
  return segments.join('/');
}

/** Text of a query, names in code unit order, with a leading `?` unless it is empty. */
export function formatQuery(query: Record<string, string>): string {
  const parts = Object.keys(query)
    .sort()
    .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(query[name] as string)}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** Order of two templates that match one path: at the first difference a literal goes before a parameter (`/orders/details` before `/orders/{id}`, as Go's ServeMux). */
export function compareTemplates(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const first = parameterOf(left[index] as string) !== null;
    const second = parameterOf(right[index] as string) !== null;
    if (first !== second) return first ? 1 : -1;
  }
  return 0;
}

export type EndpointMatch<T> =
  | { ok: true; endpoint: T; params: Record<string, string> }
  | { ok: false; status: 404 }
  | { ok: false; status: 405; allow: string[] };

/** The endpoint that serves a request: the most specific template, of equals the first declared; 405 with the allowed methods (sorted) when only the method differs. */
export function matchEndpoint<T extends { method: string; path: string }>(
  endpoints: readonly T[],
  method: string,
  path: string,
): EndpointMatch<T> {
  let best: { endpoint: T; params: Record<string, string> } | null = null;
  const allow = new Set<string>();
  for (const endpoint of endpoints) {
    const params = matchTemplate(endpoint.path, path);
    if (params === null) continue;
    allow.add(endpoint.method);
    if (endpoint.method !== method) continue;
    if (best === null || compareTemplates(endpoint.path, best.endpoint.path) < 0) best = { endpoint, params };
  }
  if (best !== null) return { ok: true, ...best };
  return allow.size === 0 ? { ok: false, status: 404 } : { ok: false, status: 405, allow: [...allow].sort() };
}
