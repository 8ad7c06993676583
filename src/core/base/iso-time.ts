const US_PER_DAY = 86_400_000_000;
const EPOCH_DAYS = 20_454; // 2026-01-01, day number since 1970-01-01

const pad = (n: number, width: number): string => String(n).padStart(width, '0');

/** ISO 8601 text of a virtual time: run start is 2026-01-01T00:00:00.000000Z, so that simulated clocks look like clocks. Microseconds are kept. */
export function isoTime(us: number): string {
  const days = Math.floor(us / US_PER_DAY);
  const rest = us - days * US_PER_DAY;
  const [year, month, day] = civil(EPOCH_DAYS + days);
  const seconds = Math.floor(rest / 1_000_000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((n) => pad(n, 2))
    .join(':');
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}.${pad(rest % 1_000_000, 6)}Z`;
}

/** Day number since 1970-01-01 to proleptic Gregorian date (era arithmetic, 400 years of 146,097 days). */
export function civil(dayNumber: number): [number, number, number] {
  const z = dayNumber + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}
