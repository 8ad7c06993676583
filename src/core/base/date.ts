import { civil } from './iso-time.ts';

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const SECONDS_PER_DAY = 86_400;

/** Whole seconds since 1970 of an ISO 8601 date (midnight UTC) or date-time with a zone; null for anything else, the 30th of February included. */
export function epochSeconds(text: string): number | null {
  const found = ISO.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const days = dayNumber(year, month, day);
  const [sameYear, sameMonth, sameDay] = civil(days);
  if (sameYear !== year || sameMonth !== month || sameDay !== day) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const zone = /^([+-])(\d{2}):(\d{2})$/.exec(found[7] ?? 'Z');
  const offset = zone === null ? 0 : (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === '-' ? -60 : 60);
  return days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset;
}

/** Days since 1970-01-01 of a proleptic Gregorian date; the inverse of `civil`. */
function dayNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** IMF-fixdate of RFC 9110 5.6.7, such as `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function httpDate(seconds: number): string {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = seconds - days * SECONDS_PER_DAY;
  const [year, month, day] = civil(days);
  const weekday = DAYS[(((days + 4) % 7) + 7) % 7];
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(':');
  return `${weekday}, ${two(day)} ${MONTHS[month - 1]} ${String(year).padStart(4, '0')} ${clock} GMT`;
}
