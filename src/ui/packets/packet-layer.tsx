import { useStoreApi, type InternalNode } from '@xyflow/react';
import { useEffect, useRef, useState } from 'react';
import { onLinkPaths } from '../canvas/link-paths.ts';
import { PointMenu } from '../kit/menu.tsx';
import { menuEntries } from '../kit/use-command.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import type { Card } from './draw.ts';
import styles from './packet-layer.module.css';
import { messageOf } from './dots.ts';
import { PacketPainter } from './packet-painter.ts';
import { usePacketOptions } from './packet-options.ts';
import { onThemeChange } from './palette.ts';

/** Screen px around a dot that count as on it: a target of at least 24 px. */
const REACH_PX = 13;
/** What a right click on a dot offers. */
const MENU = ['message.open', 'message.openOther', 'message.followTrace'];
/** A press that moves further than this is a drag. */
const CLICK_PX = 4;

/** All messages in flight, on one canvas over the drawing. Place it inside `<ReactFlow>`; a click on a dot opens its message. */
export function PacketLayer() {
  const run = useRunStore();
  const flow = useStoreApi();
  const texts = useText();
  const { t } = texts;
  const { commands } = useServices();
  // The menu is about what the shown run has as selected, some frames after the press.
  const selected = useRun(({ selection }) => selection.messageId);
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<PacketPainter | null>(null);
  const words = useRef(t);
  const options = usePacketOptions();

  useEffect(() => {
    words.current = t;
    painter.current?.invalidate();
  }, [options, t]);

  useEffect(() => {
    const element = canvas.current;
    // The layer itself lets every pointer through; the drawing below it is where people press.
    const host = element?.closest<HTMLElement>('.react-flow');
    if (!element || !host) return undefined;
    const made = new PacketPainter(element, run, {
      transform: () => {
        const [x, y, zoom] = flow.getState().transform;
        return { x, y, zoom };
      },
      box: (node) => {
        const inner = flow.getState().nodeLookup.get(node);
        return inner && cardOf(inner);
      },
      cards: function* () {
        for (const node of flow.getState().nodeLookup.values()) if (node.type === 'card') yield cardOf(node);
      },
      words: (per) => words.current('packets.aggregated', { count: per }),
    });
    painter.current = made;
    const size = new ResizeObserver(() => made.resize(host.clientWidth, host.clientHeight));
    size.observe(host);
    const offPaths = onLinkPaths(() => made.invalidate());
    const offTheme = onThemeChange(() => made.invalidate());
    const offPointer = listen(host, made, run.openMessage, (id, at) => {
      run.select({ messageId: id });
      setMenu(at);
    });
    let next = requestAnimationFrame(function draw(now) {
      made.frame(now);
      next = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(next);
      size.disconnect();
      offPaths();
      offTheme();
      offPointer();
      painter.current = null;
    };
  }, [run, flow]);

  return (
    <>
      <canvas ref={canvas} className={styles.layer} aria-hidden="true" data-testid="packets" />
      {menu && selected !== null && (
        <PointMenu at={menu} entries={menuEntries(MENU, commands, texts)} onClose={() => setMenu(null)} />
      )}
    </>
  );
}

const cardOf = ({ internals, measured }: InternalNode): Card => ({
  ...internals.positionAbsolute,
  width: measured.width ?? 0,
  height: measured.height ?? 0,
});

/** Pointer on the canvas: a dot under it wins over what is below; an edge under it holds its dots. */
function listen(
  host: HTMLElement,
  painter: PacketPainter,
  open: (id: string) => void,
  openMenu: (id: string, at: { x: number; y: number }) => void,
): () => void {
  let pressed: { x: number; y: number; id: string } | null = null;
  /** Where a button or finger went down last. */
  let downAt: { x: number; y: number } | null = null;
  const dotAt = (event: PointerEvent | MouseEvent) => {
    const box = host.getBoundingClientRect();
    return painter.hit(event.clientX - box.left, event.clientY - box.top, REACH_PX);
  };
  const isNear = (event: MouseEvent, at: { x: number; y: number } | null): boolean =>
    at !== null && Math.hypot(event.clientX - at.x, event.clientY - at.y) <= CLICK_PX;
  const onMove = (event: PointerEvent): void => {
    if (event.buttons !== 0) return;
    const isOver = dotAt(event) !== null;
    if (isOver !== 'overDot' in host.dataset) {
      if (isOver) host.dataset['overDot'] = '';
      else delete host.dataset['overDot'];
    }
    const edge = event.target instanceof Element ? event.target.closest('.react-flow__edge') : null;
    painter.hold(isOver ? null : (edge?.getAttribute('data-id') ?? null));
  };
  const onDown = (event: PointerEvent): void => {
    downAt = { x: event.clientX, y: event.clientY };
    const dot = event.button === 0 ? dotAt(event) : null;
    pressed = dot && { x: event.clientX, y: event.clientY, id: messageOf(dot) };
    // The canvas below must not begin to pan, select or connect.
    if (dot !== null) event.stopPropagation();
  };
  const onClick = (event: MouseEvent): void => {
    if (pressed === null) return;
    const down = pressed;
    pressed = null;
    if (!isNear(event, down)) return;
    event.stopPropagation();
    event.preventDefault();
    open(down.id);
  };
  const onBlock = (event: Event): void => {
    if (pressed !== null) event.stopPropagation();
  };
  const onMenu = (event: MouseEvent): void => {
    // The menu key asks for what has the focus, whatever dot is just passing there.
    const dot = isNear(event, downAt) ? dotAt(event) : null;
    if (dot === null) return;
    event.stopPropagation();
    event.preventDefault();
    openMenu(messageOf(dot), { x: event.clientX, y: event.clientY });
  };
  const onLeave = (): void => {
    delete host.dataset['overDot'];
    painter.hold(null);
  };
  host.addEventListener('pointermove', onMove, true);
  host.addEventListener('pointerdown', onDown, true);
  host.addEventListener('mousedown', onBlock, true);
  host.addEventListener('click', onClick, true);
  host.addEventListener('contextmenu', onMenu, true);
  host.addEventListener('pointerleave', onLeave);
  return () => {
    host.removeEventListener('pointermove', onMove, true);
    host.removeEventListener('pointerdown', onDown, true);
    host.removeEventListener('mousedown', onBlock, true);
    host.removeEventListener('click', onClick, true);
    host.removeEventListener('contextmenu', onMenu, true);
    host.removeEventListener('pointerleave', onLeave);
  };
}
