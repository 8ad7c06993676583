import type { BreakerView, RunView } from '../../core/telemetry/view.ts';
import type { Fault } from '../../core/topology/schema/types.ts';
import { formatTime } from '../run/format.ts';
import type { Texts } from '../text/texts.ts';

/** A fault of the network. */
export type LinkFault = Extract<Fault, { link: string }>;
type Direction = Extract<Fault, { kind: 'partition' }>['direction'];

/** px at 100 % that a closed switch, one that is not, and a cut take out of the line. */
const GAPS = { closed: 20, lifted: 38, cut: 30 } as const;
/** A short line gives at most this share of itself. */
const MOST = 0.3;

/** Faults set on a link at the shown time. */
export function faultsOn(view: Pick<RunView, 'faults'>, link: string): LinkFault[] {
  return [...view.faults.values()].filter((fault): fault is LinkFault => 'link' in fault && fault.link === link);
}

export const cutOf = (faults: readonly LinkFault[]): Direction | null =>
  faults.find((fault) => fault.kind === 'partition')?.direction ?? null;

/** A part of a line that is not drawn, px from its start. */
export interface Gap {
  from: number;
  to: number;
}
/** Where the switch and the cut of a link are: both in the middle, the switch nearer to its caller when there are both. */
export function gapsOf(
  length: number,
  breaker: BreakerView['state'] | null,
  hasCut: boolean,
): { breaker: Gap | null; cut: Gap | null } {
  const gap = (at: number, wanted: number): Gap => {
    const half = Math.min(wanted, length * MOST) / 2;
    return { from: length * at - half, to: length * at + half };
  };
  return {
    breaker: breaker && gap(hasCut ? 0.25 : 0.5, breaker === 'closed' ? GAPS.closed : GAPS.lifted),
    cut: hasCut ? gap(0.5, GAPS.cut) : null,
  };
}

/** `stroke-dasharray` of a line with gaps; `dash` is its own pattern of strokes and spaces. */
export function dashArray(length: number, gaps: readonly Gap[], dash: string | undefined): string | undefined {
  if (gaps.length === 0) return dash;
  let strokes: Gap[] = dash === undefined ? [{ from: 0, to: length }] : pattern(length, dash);
  for (const gap of gaps) {
    strokes = strokes.flatMap((stroke) =>
      [
        { from: stroke.from, to: Math.min(stroke.to, gap.from) },
        { from: Math.max(stroke.from, gap.to), to: stroke.to },
      ].filter(({ from, to }) => to > from),
    );
  }
  const parts: number[] = [];
  let at = 0;
  for (const { from, to } of strokes) {
    if (parts.length === 0) {
      if (from > 0) parts.push(0, from);
    } else parts.push(from - at);
    parts.push(to - from);
    at = to;
  }
  parts.push(length);
  return parts.map((part) => Math.round(part * 10) / 10).join(' ');
}

function pattern(length: number, dash: string): Gap[] {
  const [on = 1, off = 1] = dash.split(' ').map(Number);
  const strokes: Gap[] = [];
  for (let from = 0; from < length; from += on + off) strokes.push({ from, to: Math.min(length, from + on) });
  return strokes;
}

/** A breaker in one sentence: whose, its state, what it has counted, and until when. */
export function breakerWords(breaker: BreakerView, { t, number }: Texts): string {
  const { call, state, failureRate, slowRate, calls, until } = breaker;
  if (state === 'half-open') return t('edge.breaker.halfOpen', { call });
  const rates =
    failureRate < 0
      ? t('edge.rates.few', { count: calls })
      : t(slowRate > 0 ? 'edge.rates.slow' : 'edge.rates', {
          failed: number(failureRate / 10, 1),
          slow: number(slowRate / 10, 1),
          count: calls,
        });
  if (state === 'closed') return t('edge.breaker.closed', { call, rates });
  return until === null
    ? t('edge.breaker.open', { call, rates })
    : t('edge.breaker.openUntil', { call, rates, time: formatTime(until) });
}

/** A fault of the network in a few words. `from` and `to` are the titles of the link's ends. */
export function faultTag(fault: LinkFault, ends: { from: string; to: string }, { t, number }: Texts): string {
  switch (fault.kind) {
    case 'latency':
      return t(fault.jitterMs > 0 ? 'edge.fault.jitter' : 'edge.fault.latency', {
        ms: number(fault.addMs, 1),
        jitter: number(fault.jitterMs, 1),
      });
    case 'loss':
    case 'duplicate':
    case 'reorder':
      return t(`edge.fault.${fault.kind}`, { percent: number(fault.rate * 100, 1) });
    case 'partition':
      if (fault.direction === 'both') return t('edge.fault.cut');
      return t('edge.fault.cutTowards', { node: fault.direction === 'forward' ? ends.to : ends.from });
  }
}
