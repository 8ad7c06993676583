/** What the checks of a gateway's policies say (English); a part of `CHECK_TEXTS`. */
export const GATEWAY_TEXTS = {
  'EXPRESSION_NAME_UNKNOWN.transform': '"{name}" is not known here; known: {known}',
  HEADER_MANAGED: 'the header "{name}" belongs to the gateway or to the connection',
  STATUS_INVALID: '{status} is no status of a reply',
  'TRANSFORM_NOT_FORWARDED.path': 'the parts of an aggregate have paths of their own',
  'TRANSFORM_NOT_FORWARDED.body': 'the parts of an aggregate have bodies of their own',
  CORS_CREDENTIALS_WILDCARD: 'with credentials "*" allows nobody: browsers refuse the two together',
  CORS_ORIGIN_INVALID: '"{origin}" is no origin',
  LIMIT_HEADER_MISSING: 'a limit by header has to name the header',
  LIMIT_HEADER_UNUSED: 'a limit by {key} reads no header',
  LIMIT_CONSUMER_UNKNOWN: 'nobody is known here, so the limit counts by address',
  LIMIT_FILL_OVERFLOWS: 'more tokens come at once than the bucket holds',
  PART_TIMEOUT: 'the part "{part}" may take {own} ms, but the route ends after {all} ms',
  PART_FALLBACK: 'the part "{part}" is required, so nothing ever stands in its place',
  REQUEST_NOT_ROUTED: 'no route of "{gateway}" takes {method} {path}: it is answered with 404',
  SPLIT_DUPLICATE: 'the upstream "{value}" appears twice',
  SPLIT_EMPTY: 'no upstream gets a share of the traffic',
  'ROUTE_UNREACHABLE.version':
    'no request reaches the route "{route}": the gateway takes the version "{version}" off the path before it matches',
} as const;

/** What can be done about them. */
export const GATEWAY_FIXES = {
  'TRANSFORM_NOT_FORWARDED.path': 'Change the parts instead',
  'TRANSFORM_NOT_FORWARDED.body': 'Change the parts instead',
  CORS_CREDENTIALS_WILDCARD: 'Name them one by one, or allow no credentials',
  CORS_ORIGIN_INVALID: 'Write https://shop.test',
  LIMIT_HEADER_MISSING: 'Give the header a name',
  LIMIT_CONSUMER_UNKNOWN: 'Let the gateway authenticate, or choose another key',
  PART_FALLBACK: 'Make it optional, or remove the fallback',
  REQUEST_NOT_ROUTED: 'Add a route for it, or change the path',
  SPLIT_EMPTY: 'Give one of them a weight',
  'ROUTE_UNREACHABLE.version': 'Leave the version out of the path',
} as const satisfies Partial<Record<keyof typeof GATEWAY_TEXTS, string>>;
