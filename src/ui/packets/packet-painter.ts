import type { RunStore } from '../../app/run/run-store.ts';
import { isMessageSelected } from '../../app/run/selection.ts';
import type { VirtualTime } from '../../core/base/order.ts';
import type { PacketView } from '../../core/telemetry/view.ts';
import { linkPath } from '../canvas/link-paths.ts';
import { hitDot, messageOf, placeDots, type Dot, type DotScene, type Way } from './dots.ts';
import { drawScene, type Card, type Palette, type Transform } from './draw.ts';
import { packetOptions } from './packet-options.ts';
import { readPalette } from './palette.ts';

/** What the painter reads of the canvas in each frame. */
export interface Stage {
  transform(): Transform;
  /** Box of a node in flow coordinates, for messages from outside that travel on no link. */
  box(node: string): Card | undefined;
  /** All nodes that are not frames. */
  cards(): Iterable<Card>;
  words(per: number): string;
}

/** Flow px that a message from outside travels before the node that it goes to. */
const OUTSIDE_PX = 56;
const EMPTY: DotScene = { dots: [], marks: [], aggregated: [], hidden: 0 };

/** Draws the messages of a run on one canvas. Reads the log's projection and the virtual time; has no clock of its own. */
export class PacketPainter {
  scene: DotScene = EMPTY;
  /** Link under the pointer: its dots hold still so that its label can be read. */
  private held: { link: string; t: VirtualTime } | null = null;
  private palette: Palette;
  private drawn = '';
  private readonly canvas: HTMLCanvasElement;
  private readonly run: RunStore;
  private readonly stage: Stage;
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)');

  constructor(canvas: HTMLCanvasElement, run: RunStore, stage: Stage) {
    this.canvas = canvas;
    this.run = run;
    this.stage = stage;
    this.palette = readPalette(canvas.parentElement ?? document.body);
  }

  /** The theme, the layout, the size or the options changed. */
  invalidate(): void {
    this.palette = readPalette(this.canvas.parentElement ?? document.body);
    this.drawn = '';
  }

  resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.drawn = '';
  }

  hold(link: string | null): void {
    if (link === (this.held?.link ?? null)) return;
    this.held = link === null ? null : { link, t: this.run.playhead(performance.now()) };
    this.drawn = '';
  }

  /** The dot within `reach` screen px of a point of the layer, or null. */
  hit(x: number, y: number, reach: number): Dot | null {
    const { x: left, y: top, zoom } = this.stage.transform();
    return hitDot(this.scene.dots, (x - left) / zoom, (y - top) / zoom, reach / zoom);
  }

  /** Draws the frame at `wallMs`; does nothing when nothing changed. */
  frame(wallMs: number): void {
    const snapshot = this.run.get();
    const t = this.run.playhead(wallMs);
    const transform = this.stage.transform();
    const { showRegistration } = packetOptions();
    const state = `${t} ${snapshot.version} ${transform.x} ${transform.y} ${transform.zoom} ${showRegistration}`;
    if (state === this.drawn) return;
    this.drawn = state;
    this.scene = placeDots(snapshot.view.packets.values(), t, (packet) => this.way(packet), {
      showRegistration,
      reducedMotion: this.calm.matches,
      zoom: transform.zoom,
      held: this.held,
    });
    const context = this.canvas.getContext('2d');
    if (context === null) return;
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const { selection } = snapshot;
    const isAny = selection.messageId !== null || selection.traceId !== null;
    const isSelected = (dot: Dot): boolean =>
      isMessageSelected(selection, messageOf(dot), dot.packet.event.trace?.traceId ?? null);
    drawScene(context, this.scene, transform, this.palette, this.stage.cards(), isAny ? isSelected : null, (per) =>
      this.stage.words(per),
    );
    this.report();
  }

  /** For tests and people who read the page's structure: how many dots are drawn, how many messages they stand for, and on how many links several share a dot. */
  private report(): void {
    const { dots, aggregated, hidden } = this.scene;
    const messages = dots.reduce((sum, dot) => sum + dot.weight, 0);
    const said = { dots: dots.length, messages, hidden, aggregated: aggregated.length };
    for (const [name, count] of Object.entries(said))
      if (this.canvas.dataset[name] !== String(count)) this.canvas.dataset[name] = String(count);
  }

  private way(packet: PacketView): Way | undefined {
    if (packet.link !== null) return linkPath(packet.link);
    const isInbound = packet.event.from.startsWith('edge#');
    const instance = isInbound ? packet.event.to : packet.event.from;
    const box = this.stage.box(instance.slice(0, instance.lastIndexOf('#')));
    if (box === undefined) return undefined;
    const y = box.y + Math.min(24, box.height / 2);
    const at = (part: number): { x: number; y: number; angle: number } => {
      const place = isInbound ? part : 1 - part;
      return { x: box.x - OUTSIDE_PX * (1 - place), y, angle: isInbound ? 0 : Math.PI };
    };
    return { length: OUTSIDE_PX, at };
  }
}
