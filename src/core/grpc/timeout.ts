const UNITS: Readonly<Record<string, number>> = { H: 3_600e6, M: 60e6, S: 1e6, m: 1e3, u: 1, n: 1e-3 };

/** `grpc-timeout` header of a remaining time: at most 8 digits and a unit, rounded up as soon as microseconds do not fit (PROTOCOL-HTTP2.md). */
export function formatTimeout(us: number): string {
  const left = Math.max(0, Math.round(us));
  for (const unit of ['u', 'm', 'S', 'M'] as const) {
    const value = Math.ceil(left / (UNITS[unit] ?? 1));
    if (value < 1e8) return `${value}${unit}`;
  }
  return `${Math.min(99_999_999, Math.ceil(left / 3_600e6))}H`;
}

/** Microseconds of a `grpc-timeout` header; null when there is none or it is not one. */
export function parseTimeout(text: string | undefined): number | null {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text ?? '');
  if (match === null) return null;
  return Math.round(Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0));
}
