/** Round robin that survives a changed list: the entry after `last`, or where `last` would stand when it is gone; null for an empty list (SR8). */
export function nextInRing(entries: readonly string[], last: string | null): string | null {
  if (last === null) return entries[0] ?? null;
  const at = entries.indexOf(last);
  if (at >= 0) return entries[(at + 1) % entries.length] ?? null;
  return entries.find((entry) => entry > last) ?? entries[0] ?? null;
}
