/** Round times on a scale from 0 to `totalUs`: steps of 1, 2 or 5 times a power of ten, at most `most` of them after 0. */
export function niceTicks(totalUs: number, most = 5): number[] {
  let step = 1;
  while (totalUs / step > most) {
    const next = [2, 5, 10].find((factor) => totalUs / (step * factor) <= most) ?? 10;
    step *= next;
  }
  return Array.from({ length: Math.floor(totalUs / step) + 1 }, (_, index) => index * step);
}
