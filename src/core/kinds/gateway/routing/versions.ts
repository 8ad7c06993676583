import { epochSeconds, httpDate } from '../../../base/date.ts';
import { LIKE_A_VERSION } from '../../../http/api-version.ts';
import { headerOf } from '../../../http/headers.ts';
import type { Versioning } from '../../../topology/schema/types.ts';
import type { RouteDecision } from './route-decision.ts';

type Versioned =
  | { ok: true; version: string | null; target: string }
  | { ok: false; refusal: Extract<RouteDecision, { kind: 'refused' }> };

/** Where the header goes when none is named. */
const VERSION_HEADER = 'api-version';

/** Version of a media type list: of the first that names one, by `application/vnd.<x>.<version>+json` or by a `version` parameter. */
function mediaTypeVersion(accept: string): string | null {
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    for (const parameter of parameters) {
      const found = /^version\s*=\s*"?([^"\s]+)"?$/i.exec(parameter);
      if (found?.[1] !== undefined) return found[1];
    }
    const vendor = /^application\/vnd\.[^+/]*?\.([^.+/]+(?:\.\d+)*)\+[a-z]+$/i.exec(type);
    if (vendor?.[1] !== undefined) return vendor[1];
  }
  return null;
}

/**
 * Which version a request asks for (GW16): the default when it names none, 404 or 406 for one that is not declared.
 * In the path it belongs to the gateway alone: it is taken off before routes are matched and before the request goes on.
 */
export function versionOf(
  versioning: Versioning | undefined,
  target: string,
  headers: Record<string, string>,
): Versioned {
  if (versioning === undefined) return { ok: true, version: null, target };
  let asked: string | null = null;
  let onward = target;
  const isDeclared = (version: string): boolean => versioning.versions.some(({ name }) => name === version);
  if (versioning.by === 'path') {
    const [, first = ''] = /^\/([^/?#]*)/.exec(target) ?? [];
    if (isDeclared(first) || LIKE_A_VERSION.test(first)) {
      asked = first;
      const rest = target.slice(first.length + 1);
      onward = rest.startsWith('/') ? rest : `/${rest}`;
    }
  } else if (versioning.by === 'header') asked = headerOf(headers, versioning.header ?? VERSION_HEADER);
  else asked = mediaTypeVersion(headerOf(headers, 'accept') ?? '');
  const version = asked === null || asked === '' ? versioning.default : asked;
  if (isDeclared(version)) return { ok: true, version, target: onward };
  const known = versioning.versions.map(({ name }) => name).join(', ');
  const detail = `there is no version ${version}; there are ${known}`;
  return {
    ok: false,
    refusal: { kind: 'refused', status: versioning.unknown, code: 'version_unknown', detail, allow: [] },
  };
}

/** `Deprecation` as a structured date (RFC 9745) and `Sunset` as an HTTP date (RFC 8594) of a version that has them. */
export function lifetimeHeaders(versioning: Versioning | undefined, version: string | null): Record<string, string> {
  const declared = versioning?.versions.find(({ name }) => name === version);
  const deprecated = epochSeconds(declared?.deprecatedAt ?? '');
  const sunset = epochSeconds(declared?.sunsetAt ?? '');
  return {
    ...(deprecated === null ? {} : { deprecation: `@${deprecated}` }),
    ...(sunset === null ? {} : { sunset: httpDate(sunset) }),
  };
}
