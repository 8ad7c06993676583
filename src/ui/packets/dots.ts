import { eventId, type VirtualTime } from '../../core/base/order.ts';
import { COPY } from '../../core/telemetry/fold-calls.ts';
import type { Outcome, PacketShape, PacketView } from '../../core/telemetry/view.ts';

/** The way of a link in flow coordinates, from its `from` to its `to`. */
export interface Way {
  readonly length: number;
  at(fraction: number): { x: number; y: number; angle: number };
}
/** One drawn mark: a message, or several in an aggregated flow. */
export interface Dot {
  x: number;
  y: number;
  /** Direction of travel in radians. */
  angle: number;
  shape: PacketShape;
  outcome: Outcome;
  /** 0.7 to 1.8 by bytes on the wire. */
  scale: number;
  /** Messages that it stands for. */
  weight: number;
  /** 1 = fully visible; a lost message fades while it falls. */
  alpha: number;
  /** The message (the newest of several). */
  packet: PacketView;
}
/** A link whose dots could not be told apart: one dot stands for `per` messages. */
export interface AggregatedLink {
  link: string;
  per: number;
  x: number;
  y: number;
}
export interface DotScene {
  dots: Dot[];
  /** Where messages were lost, until the mark fades. */
  marks: { x: number; y: number; angle: number; alpha: number }[];
  aggregated: AggregatedLink[];
  /** Messages on the wire that no link on the canvas shows. */
  hidden: number;
}
export interface DotOptions {
  /** Registrations, heartbeats and discovery. */
  showRegistration: boolean;
  /** Stepwise positions instead of motion. */
  reducedMotion: boolean;
  /** Screen px per flow px. */
  zoom: number;
  /** Link on which dots hold still, and since when. */
  held: { link: string; t: VirtualTime } | null;
}

/** Screen px that a dot needs so that it can be told from the next one. */
const ROOM_PX = 9;
/** Fewer than this many on one link are never aggregated. */
const ALWAYS_SINGLE = 12;
/** Flow px that a lost message falls. */
const FALL_PX = 26;
/** Fraction of the way at which a lost message leaves its link: the log says that it was lost, not where. */
const LOSS_AT = 0.5;
/** Virtual µs for which the mark of a loss stays. */
const MARK_US = 1_000_000;
const STEPS = 3;
const SIZES = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** Size of a dot by bytes on the wire: 318 B is 1, each doubling adds 0.16. */
export const dotScale = (bytes: number): number =>
  Math.min(1.8, Math.max(0.7, 1 + 0.16 * Math.log2(Math.max(bytes, 1) / 318)));

/** Id of the message that a dot shows: the copy of a message is the same message. */
export const messageOf = ({ packet }: Dot): string => eventId(packet.event);
/** Whether the network made this dot: a copy has an id of its own. */
export const isCopy = ({ packet }: Dot): boolean => packet.id.endsWith(COPY);

export const isRegistration = (packet: PacketView): boolean =>
  packet.event.payload.kind.startsWith('registry.') || packet.shape === 'registration';

/** Until when a message is drawn: its arrival; a lost one until its mark has faded; a refused one stays at the closed door as long as it travelled. */
function visibleUntil(packet: PacketView): VirtualTime {
  if (packet.outcome === 'dropped') return packet.arriveAt + MARK_US;
  const { answer } = packet;
  const isRefused = packet.outcome === 'error' && packet.shape !== 'reply' && answer !== null && answer.status === null;
  return isRefused ? 2 * packet.arriveAt - packet.departAt : packet.arriveAt;
}

/** Where every message is at virtual time `t`. The weights of all dots and `hidden` sum up to the messages on the wire. */
export function placeDots(
  packets: Iterable<PacketView>,
  t: VirtualTime,
  wayOf: (packet: PacketView) => Way | undefined,
  options: DotOptions,
): DotScene {
  const scene: DotScene = { dots: [], marks: [], aggregated: [], hidden: 0 };
  const byLink = new Map<string, { way: Way; packets: PacketView[]; t: VirtualTime }>();
  for (const packet of packets) {
    const at = options.held !== null && options.held.link === packet.link ? options.held.t : t;
    if (packet.departAt > at || at >= visibleUntil(packet)) continue;
    const isShown = options.showRegistration || !isRegistration(packet);
    const way = isShown ? wayOf(packet) : undefined;
    if (way === undefined) {
      scene.hidden += at < packet.arriveAt ? 1 : 0;
      continue;
    }
    if (packet.outcome === 'dropped') {
      placeLost(scene, packet, way, at);
      continue;
    }
    const key = packet.link ?? packet.id;
    const group = byLink.get(key);
    if (group === undefined) byLink.set(key, { way, packets: [packet], t: at });
    else group.packets.push(packet);
  }
  for (const [link, group] of byLink) {
    const per = aggregation(group.packets.length, group.way.length * options.zoom);
    if (per === 1) for (const packet of group.packets) scene.dots.push(dotOf(packet, group.way, group.t, options));
    else aggregate(scene, link, per, group, options);
  }
  return scene;
}

/** How many messages one dot stands for on a link with this many of them; 1 while they can be told apart. */
export function aggregation(count: number, screenLength: number): number {
  const room = Math.max(ALWAYS_SINGLE, screenLength / ROOM_PX);
  if (count <= room) return 1;
  return SIZES.find((size) => count / size <= room) ?? SIZES.at(-1) ?? 1;
}

function progress(packet: PacketView, t: VirtualTime, options: DotOptions): number {
  const travel = packet.arriveAt - packet.departAt;
  const part = travel <= 0 ? 1 : Math.min(1, (t - packet.departAt) / travel);
  // Three places instead of motion: left, on its way, nearly there.
  return options.reducedMotion ? (Math.min(STEPS - 1, Math.floor(part * STEPS)) + 0.5) / STEPS : part;
}

function dotOf(packet: PacketView, way: Way, t: VirtualTime, options: DotOptions): Dot {
  const part = progress(packet, t, options);
  const point = way.at(packet.forward ? part : 1 - part);
  return {
    x: point.x,
    y: point.y,
    angle: packet.forward ? point.angle : point.angle + Math.PI,
    shape: packet.shape,
    outcome: packet.arriveAt > t || packet.outcome !== 'error' ? inFlight(packet) : packet.outcome,
    scale: dotScale(packet.size),
    weight: 1,
    alpha: 1,
    packet,
  };
}

/** Decision 21: what is still on the wire has no outcome, except a reply's, and compensation by its trace context. */
function inFlight(packet: PacketView): Outcome {
  if (packet.shape === 'reply') return packet.outcome;
  return packet.event.trace?.saga?.direction === 'compensation' ? 'compensation' : 'flight';
}

function placeLost(scene: DotScene, packet: PacketView, way: Way, t: VirtualTime): void {
  const half = (packet.arriveAt - packet.departAt) * LOSS_AT;
  const lostAt = packet.departAt + half;
  const point = way.at(packet.forward ? LOSS_AT : 1 - LOSS_AT);
  if (t >= lostAt) {
    const fade = 1 - Math.max(0, t - packet.arriveAt) / MARK_US;
    scene.marks.push({ x: point.x, y: point.y, angle: point.angle, alpha: fade });
  }
  if (t >= packet.arriveAt) return;
  const fallen = half <= 0 ? 1 : Math.max(0, (t - lostAt) / half);
  const along = t < lostAt ? ((t - packet.departAt) / Math.max(1, half)) * LOSS_AT : LOSS_AT;
  const at = way.at(packet.forward ? along : 1 - along);
  scene.dots.push({
    x: at.x,
    y: at.y + fallen * FALL_PX,
    angle: packet.forward ? at.angle : at.angle + Math.PI,
    shape: packet.shape,
    // Nobody on the wire knows yet that it will be lost.
    outcome: t < lostAt ? inFlight(packet) : 'dropped',
    scale: dotScale(packet.size),
    weight: 1,
    alpha: 1 - 0.6 * fallen,
    packet,
  });
}

/** Messages that follow one another on a link, of one direction, shape and colour, become one dot in their middle. */
function aggregate(
  scene: DotScene,
  link: string,
  per: number,
  group: { way: Way; packets: PacketView[]; t: VirtualTime },
  options: DotOptions,
): void {
  const groups = new Map<string, { dot: Dot; sum: number }>();
  for (const packet of group.packets) {
    const dot = dotOf(packet, group.way, group.t, options);
    const key = `${Math.floor(packet.nth / per)} ${packet.forward} ${packet.shape} ${dot.outcome}`;
    const part = progress(packet, group.t, options);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { dot, sum: part });
    else {
      known.sum += part;
      known.dot.weight += 1;
      known.dot.packet = packet;
    }
  }
  for (const { dot, sum } of groups.values()) {
    const part = sum / dot.weight;
    const point = group.way.at(dot.packet.forward ? part : 1 - part);
    dot.x = point.x;
    dot.y = point.y;
    dot.angle = dot.packet.forward ? point.angle : point.angle + Math.PI;
    dot.scale = 1 + 0.5 * (dot.weight / per);
    scene.dots.push(dot);
  }
  const middle = group.way.at(0.5);
  scene.aggregated.push({ link, per, x: middle.x, y: middle.y });
}

/** The dot nearest to a point within `reach` (flow px), the last drawn first among equals; null when there is none. */
export function hitDot(dots: readonly Dot[], x: number, y: number, reach: number): Dot | null {
  let best: Dot | null = null;
  let bestDistance = reach;
  for (const dot of dots) {
    const distance = Math.hypot(dot.x - x, dot.y - y);
    if (distance > bestDistance) continue;
    best = dot;
    bestDistance = distance;
  }
  return best;
}
