import { eventId } from '../base/order.ts';
import type { EventOf } from '../fabric/event.ts';
import { nodeOf } from '../fabric/message.ts';
import type { Payload } from '../fabric/message.ts';
import { httpOfStatus } from '../grpc/status.ts';
import { LIMITS } from './limits.ts';
import { ownCollection, ownEntry, putEntry, trimOldest } from './own.ts';
import { countActivity, nodeView } from './fold-nodes.ts';
import type { FoldContext, LinkView, Outcome, PacketShape, PacketView, RunView } from './view.ts';

/** The shape of a dot says what kind of message it is (design 4). */
export function packetShape(payload: Payload, isReply: boolean): PacketShape {
  if (payload.kind === 'grpc.message') return 'grpc';
  if (isReply) return 'reply';
  switch (payload.kind) {
    case 'http.request':
      return 'http';
    case 'grpc.request':
    case 'grpc.cancel':
      return 'grpc';
    case 'amqp.publish':
    case 'amqp.deliver':
      return 'event';
    case 'db.query':
      return 'data';
    case 'amqp.consume':
    case 'registry.register':
    case 'registry.heartbeat':
    case 'registry.deregister':
    case 'registry.discover':
    case 'registry.check':
    case 'registry.notice':
      return 'registration';
    default:
      return 'reply';
  }
}

/** Whether an answering payload reports success; null for payloads that answer nothing. 4xx is a failure: the caller did not get what it asked for (OB3, CLIENT). */
export function replyOk(payload: Payload): boolean | null {
  switch (payload.kind) {
    case 'http.reply':
      return payload.status < 400;
    case 'grpc.reply':
      return payload.status === 0;
    case 'db.result':
      return payload.result.ok;
    case 'amqp.confirm':
      return payload.ok;
    case 'amqp.nack':
      return false;
    case 'amqp.ack':
    case 'amqp.consume-ok':
    case 'registry.result':
    case 'registry.ok':
      return true;
    case 'registry.unknown':
      return false;
    case 'registry.checked':
      return payload.status < 300;
    default:
      return null;
  }
}

/** Colour of a dot (decision 21): dropped, then failed reply, then compensation by trace context, then good reply, else neutral. */
function outcomeOf(event: EventOf<'message.sent'>): Outcome {
  if (event.fate !== 'deliver') return 'dropped';
  const ok = replyOk(event.payload);
  if (ok === false) return 'error';
  if (event.trace?.saga?.direction === 'compensation') return 'compensation';
  return ok === true ? 'ok' : 'flight';
}

const statusClass = (status: number): string => `${Math.floor(status / 100)}xx`;

export function applySent(view: RunView, event: EventOf<'message.sent'>, context: FoldContext): void {
  const link = event.link === null ? undefined : context.links[event.link];
  const packet: PacketView = {
    event,
    id: eventId(event),
    departAt: event.t,
    arriveAt: event.arriveAt,
    link: event.link,
    forward: link === undefined || link.from === nodeOf(event.from),
    shape: packetShape(event.payload, event.inReplyTo !== null),
    outcome: outcomeOf(event),
    size: event.size,
    nth: event.link === null ? 0 : (view.links.get(event.link)?.sent ?? 0),
    answer: null,
  };
  view.packets.set(packet.id, packet);
  trimOldest(view.packets, LIMITS.packets);
  const messages = ownCollection(view, 'messages');
  messages.set(packet.id, packet);
  view.dropped.messages += trimOldest(messages, LIMITS.messages);
  if (event.link !== null) countLink(view, event.link, event);
  countActivity(view, event.t, 1, packet.outcome === 'error' || packet.outcome === 'dropped' ? 1 : 0);
  if (event.payload.kind === 'http.reply') countReply(view, event, event.payload.status);
  if (event.payload.kind === 'grpc.reply') countReply(view, event, httpOfStatus(event.payload.status));
  if (event.payload.kind === 'http.request' || event.payload.kind === 'grpc.request')
    nodeView(view, nodeOf(event.from)).sent += 1;
  // One message of a stream ends nothing: the call is answered by its trailers.
  if (event.inReplyTo !== null && event.payload.kind !== 'grpc.message') answer(view, event.inReplyTo, packet);
  if (event.trace?.saga?.direction === 'compensation') markCompensated(view, event.trace.traceId);
}

function countReply(view: RunView, event: EventOf<'message.sent'>, status: number): void {
  const key = statusClass(status);
  const sender = nodeView(view, nodeOf(event.from));
  sender.byStatus[key] = (sender.byStatus[key] ?? 0) + 1;
  sender.byCode[status] = (sender.byCode[status] ?? 0) + 1;
  const receiver = nodeView(view, nodeOf(event.to));
  receiver.answers[key] = (receiver.answers[key] ?? 0) + 1;
}

/** A reply decides the outcome of the request that it answers. */
function answer(view: RunView, requestId: string, reply: PacketView): void {
  const request = view.messages.get(requestId);
  if (request === undefined) return;
  const ok = replyOk(reply.event.payload) ?? true;
  const payload = reply.event.payload;
  const status = payload.kind === 'http.reply' || payload.kind === 'grpc.reply' ? payload.status : null;
  const outcome = request.outcome === 'flight' ? (ok ? 'ok' : 'error') : ok ? request.outcome : 'error';
  replace(view, { ...request, outcome, answer: { id: reply.id, t: reply.departAt, ok, status } });
}

function replace(view: RunView, packet: PacketView): void {
  ownCollection(view, 'messages').set(packet.id, packet);
  if (view.packets.has(packet.id)) view.packets.set(packet.id, packet);
}

export function applyRefused(view: RunView, event: EventOf<'message.refused'>): void {
  const packet = view.messages.get(event.message);
  if (packet !== undefined) {
    replace(view, {
      ...packet,
      outcome: 'error',
      answer: { id: eventId(event), t: event.t, ok: false, status: null },
    });
  }
  countActivity(view, event.t, 0, 1);
}

function markCompensated(view: RunView, traceId: string): void {
  const trace = view.traces.get(traceId);
  if (trace === undefined || trace.compensated) return;
  const traces = ownCollection(view, 'traces');
  const mine = ownEntry(view, traces, traceId, (old) => ({ ...old, spans: new Map(old.spans) }));
  if (mine !== undefined) mine.compensated = true;
}

const copyLink = (old: LinkView): LinkView => ({ ...old, recent: [...old.recent] });

function countLink(view: RunView, link: string, event: EventOf<'message.sent'>): void {
  const links = ownCollection(view, 'links');
  const mine =
    ownEntry(view, links, link, copyLink) ??
    putEntry(view, links, link, { link, sent: 0, bytes: 0, dropped: 0, recent: [] });
  mine.sent += 1;
  mine.bytes += event.size;
  if (event.fate !== 'deliver') mine.dropped += 1;
  mine.recent.push(event.t);
  if (mine.recent.length > LIMITS.timesPerLink) mine.recent.shift();
}

/** Forgets dots that arrived more than the linger time ago. Depends on the events alone, so that a seek gives the same dots. */
export function sweepPackets(view: RunView): void {
  if (view.events % LIMITS.packetSweepEvents !== 0) return;
  const before = view.t - LIMITS.packetLingerUs;
  for (const [id, packet] of view.packets) if (packet.arriveAt < before) view.packets.delete(id);
}
