import { EdgeLabelRenderer } from '@xyflow/react';
import { useMemo } from 'react';
import type { Document, Fault } from '../../core/topology/schema/types.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { sameList, useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import styles from './link.module.css';
import type { Layout } from './layout.ts';
import { cutOf, faultTag, type LinkFault } from './link-state.ts';
import { placeTags, type Tag } from './tag-places.ts';

/** px from the middle of a link down to its label: below the line, or below the strokes of a cut. */
const BELOW = 8;
const BELOW_CUT = 20;

const isOfLink = (fault: Fault): fault is LinkFault => 'link' in fault;

/** What is wrong with each link, in words beside it; labels of neighbours keep clear of each other. */
export function LinkTags({ links, layout }: { links: Document['links']; layout: Layout }) {
  const texts = useText();
  const title = useTitles();
  const faults = useRun(({ view }) => [...view.faults.values()].filter(isOfLink), sameList);
  const tags = useMemo(() => {
    const byLink = new Map<string, LinkFault[]>();
    for (const fault of faults) byLink.set(fault.link, [...(byLink.get(fault.link) ?? []), fault]);
    return [...byLink].flatMap(([id, mine]): Tag[] => {
      const [link, path] = [links[id], layout.paths.get(id)];
      if (!link || !path) return [];
      const ends = { from: title(link.from.node), to: title(link.to.node) };
      const { x, y } = path.at(0.5);
      const text = mine.map((fault) => faultTag(fault, ends, texts)).join(' · ');
      return [{ id, text, at: { x, y: y + (cutOf(mine) ? BELOW_CUT : BELOW) } }];
    });
  }, [faults, links, layout, title, texts]);
  const places = useMemo(() => placeTags(tags, [...layout.boxes.values()]), [tags, layout]);
  if (tags.length === 0) return null;
  return (
    <EdgeLabelRenderer>
      {tags.map(({ id, text }) => {
        const { x, y } = places.get(id) ?? { x: 0, y: 0 };
        return (
          <div
            key={id}
            className={styles.tag}
            data-tone="err"
            data-testid={`faults-${id}`}
            style={{ transform: `translate(-50%, 0) translate(${x}px, ${y}px)` }}
          >
            {text}
          </div>
        );
      })}
    </EdgeLabelRenderer>
  );
}
