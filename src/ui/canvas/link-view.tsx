import { BaseEdge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { memo } from 'react';
import type { LinkKind } from '../../core/topology/schema/types.ts';
import { worstBreaker } from '../faces/trouble.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { sameList, useLinkRate, useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import styles from './link.module.css';
import { useCanvasState } from './canvas-state.ts';
import { LinkCut, LinkSwitch } from './link-marks.tsx';
import { cutOf, dashArray, faultsOn, faultTag, gapsOf } from './link-state.ts';
import type { LinkEdge } from './to-flow.ts';

interface Look {
  color: string;
  dash?: string;
  cap?: 'round';
  hasArrow: boolean;
  /** Drawn faintly until it is of interest: there is one per instance owner, and little happens on it. */
  isQuiet?: boolean;
  /** Fixed width; without it the recent rate decides. */
  width?: number;
}
/** Protocol by line style: solid sync, dashed async, dotted discovery, thick data. */
const LOOKS = {
  http: { color: 'var(--p-http)', hasArrow: true },
  grpc: { color: 'var(--p-grpc)', hasArrow: true },
  publish: { color: 'var(--p-event)', dash: '7 5', hasArrow: true },
  subscribe: { color: 'var(--p-event)', dash: '7 5', hasArrow: true },
  discovery: { color: 'var(--p-disco)', dash: '1.5 5', cap: 'round', hasArrow: false, width: 1.5, isQuiet: true },
  owns: { color: 'var(--p-data)', hasArrow: false, width: 3.5 },
} satisfies Record<LinkKind, Look>;

/** Width by messages per virtual second: under 1, to 10, to 100, above. */
export const widthOf = (rate: number): number => (rate < 1 ? 1.25 : rate < 10 ? 2 : rate < 100 ? 3 : 5);

/** A link on the canvas. */
export const LinkView = memo(function LinkView({ id, data, selected }: EdgeProps<LinkEdge>) {
  const rate = useLinkRate(id);
  const isHovered = useCanvasState((state) => state.hoveredLink === id);
  /** Beside the component under the pointer, or away from it; null = nothing is pointed at. */
  const isNear = useCanvasState(({ near, focused }) => {
    if (!data) return null;
    if (focused !== null) return focused.has(data.record.from.node) && focused.has(data.record.to.node) ? null : false;
    if (near === null) return null;
    const [pointed] = near;
    return data.record.from.node === pointed || data.record.to.node === pointed;
  });
  const texts = useText();
  const { t, number } = texts;
  const title = useTitles();
  const breaker = useRun(({ view }) => {
    const isCall = data?.record.kind === 'http' || data?.record.kind === 'grpc';
    return isCall ? worstBreaker(view, data.record.from.node, data.record.to.node) : null;
  });
  const faults = useRun(({ view }) => faultsOn(view, id), sameList);
  if (!data) return null;
  const look: Look = LOOKS[data.record.kind];
  const { path } = data;
  const tip = path.at(1);
  const middle = path.at(0.5);
  const color = selected ? 'var(--accent)' : look.color;
  const cut = cutOf(faults);
  const gaps = gapsOf(path.length, breaker?.state ?? null, cut !== null);
  const dash = dashArray(
    path.length,
    [gaps.breaker, gaps.cut].filter((gap) => gap !== null),
    look.dash,
  );
  const ends = { from: title(data.record.from.node), to: title(data.record.to.node) };
  const broken = faults.map((fault) => faultTag(fault, ends, texts)).join(' · ');
  // The label of a pointed-at link stands beside what is drawn in its middle.
  const labelY = middle.y - (gaps.breaker || gaps.cut ? 34 : 0);
  return (
    <>
      <BaseEdge
        id={id}
        path={path.d}
        interactionWidth={20}
        className={styles.path}
        style={{
          stroke: color,
          opacity:
            isNear === false ? 0.25 : look.isQuiet && !selected && !isHovered && !data.isBeside && !isNear ? 0.55 : 1,
          strokeWidth: (look.width ?? widthOf(rate)) + (selected || isHovered || isNear ? 0.75 : 0),
          ...(dash && { strokeDasharray: dash }),
          ...(look.cap && { strokeLinecap: look.cap }),
        }}
      />
      {look.hasArrow && (
        <path
          className={styles.arrow}
          transform={`translate(${tip.x} ${tip.y}) rotate(${(tip.angle * 180) / Math.PI})`}
          d="M-7-3.6 0 0-7 3.6z"
          style={{ fill: color }}
        />
      )}
      {breaker && gaps.breaker && <LinkSwitch id={id} path={path} gap={gaps.breaker} color={color} breaker={breaker} />}
      {cut && gaps.cut && <LinkCut id={id} path={path} gap={gaps.cut} color={color} direction={cut} words={broken} />}
      {isHovered && (
        <EdgeLabelRenderer>
          <div
            className={styles.tag}
            style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${labelY}px)` }}
          >
            {t(`link.${data.record.kind}`)}
            {rate > 0 && ` · ${t('face.perSecond', { rate: number(rate, 1) })}`}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
