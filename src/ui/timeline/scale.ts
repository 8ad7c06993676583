import type { ActivityView, MarkView } from '../../core/telemetry/view.ts';

/** The first scale, in virtual µs. */
const FIRST_US = 5_000_000;

/** The end of the scale for a run that has got to `now`: 5, 10, 20, 50, ... s, so that it seldom changes. */
export function scaleEnd(now: number): number {
  let end = FIRST_US;
  while (now > end) end *= String(end).startsWith('2') ? 2.5 : 2;
  return end;
}

/** About six round times on the scale. */
export function scaleTicks(end: number): number[] {
  const step = end / (String(end).startsWith('2') ? 4 : 5);
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

export const VIEW_WIDTH = 1000;
export const BASE_Y = 16;
const FULL = 13;

/** The bars of a timeline as two SVG paths in a box 1000 wide: all messages, and on top of them the share that failed. Height grows with the root of the count. */
export function barPaths(activity: ActivityView, end: number): { messages: string; failures: string } {
  const top = Math.sqrt(Math.max(1, ...activity.messages));
  const width = (activity.bucketUs / end) * VIEW_WIDTH;
  const bar = Math.max(1, Math.min(3, width * 0.6));
  let messages = '';
  let failures = '';
  activity.messages.forEach((count, index) => {
    if (count === 0 && (activity.failures[index] ?? 0) === 0) return;
    const x = round(index * width + (width - bar) / 2);
    const height = round(Math.max(1.5, (Math.sqrt(count) / top) * FULL));
    messages += box(x, bar, height);
    const failed = activity.failures[index] ?? 0;
    if (failed > 0) failures += box(x, bar, round(Math.max(2, height * Math.min(1, failed / Math.max(1, count)))));
  });
  return { messages, failures };
}

const box = (x: number, width: number, height: number): string =>
  `M${x} ${BASE_Y}v-${height}h${round(width)}v${height}z`;
const round = (value: number): number => Math.round(value * 10) / 10;

/** Kinds that come in crowds. */
const CROWDS: ReadonlySet<MarkView['kind']> = new Set(['failure', 'breaker', 'ejection', 'probe']);

/** Marks worth a flag: inputs are not; of failures that fall on one another the first stays. */
export function shownMarks(marks: readonly MarkView[], end: number): MarkView[] {
  const shown: MarkView[] = [];
  const last = new Map<string, number>();
  for (const mark of marks) {
    if (mark.kind === 'input' || mark.t < 0) continue;
    const before = last.get(mark.kind);
    if (before !== undefined && CROWDS.has(mark.kind) && mark.t - before < end / 250) continue;
    last.set(mark.kind, mark.t);
    shown.push(mark);
  }
  return shown;
}
