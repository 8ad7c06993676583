import { epochSeconds } from '../../base/date.ts';
import type { Check } from './check.ts';
import { checkHeaderName } from './check-routes.ts';
import type { ConfigOf } from '../schema/types.ts';

/** Checks the versions of one gateway: their names, the default, dates, and that no Sunset comes before its Deprecation (GW16). */
export function checkVersioning(check: Check, config: ConfigOf<'gateway'>, at: string): void {
  const { versioning } = config;
  if (versioning === undefined) return;
  if (config.matching === 'nginx') check.error('ROUTE_MODE.notNginx', at, { what: '"versioning"' });
  const names = versioning.versions.map(({ name }) => name);
  check.unique(names, 'VERSION_DUPLICATE', (index) => `${at}/versions/${index}/name`);
  if (!names.includes(versioning.default))
    check.error('VERSION_UNKNOWN.default', `${at}/default`, { version: versioning.default });
  if (versioning.header !== undefined) checkHeaderName(check, versioning.header, `${at}/header`);
  versioning.versions.forEach(({ name, deprecatedAt, sunsetAt }, index) => {
    const place = `${at}/versions/${index}`;
    if (!/^[\w.-]+$/.test(name)) check.error('VERSION_NAME_INVALID', `${place}/name`, { version: name });
    const [deprecated, sunset] = [deprecatedAt, sunsetAt].map((text) => epochSeconds(text ?? ''));
    if (deprecatedAt !== undefined && deprecated === null) dateInvalid(check, deprecatedAt, `${place}/deprecatedAt`);
    if (sunsetAt !== undefined && sunset === null) dateInvalid(check, sunsetAt, `${place}/sunsetAt`);
    if (typeof deprecated === 'number' && typeof sunset === 'number' && sunset < deprecated)
      check.error('SUNSET_BEFORE_DEPRECATION', `${place}/sunsetAt`, { version: name });
  });
}

const dateInvalid = (check: Check, text: string, at: string): void => check.error('DATE_INVALID', at, { date: text });
