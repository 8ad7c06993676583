import { eventId, type VirtualTime } from '../base/order.ts';
import { payloadSize } from './encode.ts';
import type { EventOf } from './event.ts';
import { EDGE, nodeOf, type InstanceId, type Message } from './message.ts';
import { GIVE_UP_US, journeyOf, listenerOf, type Journey } from './network.ts';
import type { Outgoing, WindowRequest } from './protocol.ts';
import {
  connectionKey,
  FABRIC_SOURCE,
  faultOn,
  networkSource,
  type FabricState,
  type InstanceState,
  type Pending,
} from './state.ts';

interface Deliveries {
  from: number;
  to: number;
  deliver: Map<InstanceId, WindowRequest>;
}
type Sent = Outgoing & { source: InstanceId };

/** The request of this window for an instance, made on first use. */
export function requestOf(plan: Deliveries, instance: InstanceId): WindowRequest {
  let request = plan.deliver.get(instance);
  if (!request) {
    request = { from: plan.from, to: plan.to, items: [] };
    plan.deliver.set(instance, request);
  }
  return request;
}

type Refusal = Pick<EventOf<'message.refused'>, 'reason' | 'cause'>;
const SERVERS = new Set(['database', 'broker', 'registry']);

/** Why a living instance does not accept a message, or null. An outage refuses what comes to the listening socket, not answers to what the node asked. */
function refusedBy(state: FabricState, known: InstanceState, message: Message): Refusal | null {
  const { node } = known;
  // Whoever sent it while the server was down has not been told since: the new process knows nothing of that connection.
  if (message.departAt < known.startedAt && SERVERS.has(state.topology.nodes[node]?.kind ?? ''))
    return { reason: 'connection_reset' };
  if (faultOn(state, node, 'outage') === undefined) return null;
  const link = message.link === null ? undefined : state.topology.links[message.link];
  return link !== undefined && listenerOf(link) === node
    ? { reason: 'connection_refused', cause: 'outage by fault' }
    : null;
}

/** To a living instance (later, while it stands still), or back to the sender as a refusal one hop later. */
export function hand(state: FabricState, plan: Deliveries, item: Pending): void {
  const known = state.instances.get(item.to);
  const message = item.body.type === 'message' ? item.body.message : null;
  if (!known?.alive) {
    if (message !== null && item.copy !== true) refuse(state, item, message, { reason: 'connection_refused' });
    return;
  }
  // The connection that would have brought a copy ended with the incarnation that it was opened to.
  if (item.copy === true && message !== null && message.departAt < known.startedAt) return;
  const refusal = message === null ? null : refusedBy(state, known, message);
  if (message !== null && refusal !== null) {
    if (item.copy !== true) refuse(state, item, message, refusal);
    return;
  }
  if (known.pausedAt !== null) {
    known.held.push(item);
    return;
  }
  const { t, source, seq, body } = item;
  requestOf(plan, item.to).items.push({ t, class: item.class, source, seq, body });
}

function refuse(state: FabricState, item: Pending, message: Message, { reason, cause }: Refusal): void {
  const link = message.link === null ? undefined : state.topology.links[message.link];
  const refusal = { message: message.id, to: item.to, reason };
  const { source } = item;
  // The sender reserved this number with its `message.sent`, so the key does not depend on who reports first.
  const seq = item.seq + 1;
  const why = cause === undefined ? {} : { cause };
  state.open.push({ t: item.t, class: 3, source, seq, type: 'message.refused', ...refusal, ...why });
  const t = item.t + (link?.latency.minUs ?? state.lookahead);
  state.pending.push({ t, class: 3, source, seq, to: message.from, body: { type: 'refused', ...refusal } });
}

/** A database, broker or registry is spoken to over one connection, which keeps order; each HTTP request has a connection of its own. */
const isOrdered = (send: Outgoing): boolean => !send.payload.kind.startsWith('http.');

/** What becomes of a message on its link, with the memory of the connection that it travels on. */
function travel(state: FabricState, send: Sent, id: string): Journey {
  const { link: linkId, t, source, to } = send;
  const link = linkId === null ? undefined : state.topology.links[linkId];
  if (link === undefined || linkId === null) return { fate: to === EDGE ? 'deliver' : 'lost', arriveAt: t };
  const ordered = isOrdered(send);
  const departure = { link, id, at: t, forward: nodeOf(source) === link.from, ordered };
  const journey = journeyOf(departure, state.definition.seed, (kind) => faultOn(state, linkId, kind));
  if (!ordered) return journey;
  const connection = connectionKey(source, to, linkId);
  const stuck = state.stuck.get(connection);
  // TCP delivers nothing behind a gap: what follows a message that is lost for good is lost with it.
  if (stuck) return { fate: stuck.fate, cause: stuck.cause, arriveAt: journey.arriveAt };
  if (journey.fate !== 'deliver') {
    const until = t + Math.max(GIVE_UP_US, state.lookahead);
    state.stuck.set(connection, { fate: journey.fate, cause: journey.cause ?? '', until });
    state.agenda.push({ t: until, do: 'reset', instance: source, to, link: linkId });
    return journey;
  }
  const arriveAt = Math.max(journey.arriveAt, state.lastArrival.get(connection) ?? journey.arriveAt);
  state.lastArrival.set(connection, arriveAt);
  return { fate: 'deliver', arriveAt };
}

/** Puts a sent message on its link: recorded now, delivered after the link's latency and faults; to the edge at once. */
export function route(state: FabricState, send: Sent): void {
  const { t, source, seq, to, operation, trace, payload } = send;
  const id = eventId(send);
  // A link that was deleted while the message was being written: it has no way to travel.
  const { fate, cause, arriveAt, copyAt } = travel(state, send, id);
  const inReplyTo = send.inReplyTo ?? null;
  const way = { from: source, to, link: send.link, operation, trace, arriveAt, payload };
  state.open.push({
    t,
    class: send.class,
    source,
    seq,
    type: 'message.sent',
    ...way,
    inReplyTo,
    fate,
    ...(cause === undefined ? {} : { cause }),
    size: payloadSize(payload),
  });
  if (to === EDGE && payload.kind === 'http.reply' && inReplyTo?.startsWith('input:')) {
    const input = Number(inReplyTo.slice('input:'.length));
    const { status, headers, body } = payload;
    if (!state.cancelled.has(input)) state.edgeReplies.push({ input, reply: { status, headers, body } });
  }
  if (to === EDGE || fate !== 'deliver') return;
  const message: Message = { id, ...way, departAt: t, ...(inReplyTo === null ? {} : { inReplyTo }) };
  state.pending.push({ t: arriveAt, class: 3, source, seq, to, body: { type: 'message', message } });
  if (copyAt !== undefined) duplicate(state, send, message, copyAt);
}

/** The same message a second time: same id, its own place in the order of events. */
function duplicate(state: FabricState, { t, class: eventClass, seq }: Sent, message: Message, arriveAt: number): void {
  const source = networkSource(message.from);
  state.open.push({ t, class: eventClass, source, seq, type: 'message.duplicated', message: message.id, arriveAt });
  const body = { type: 'message' as const, message: { ...message, arriveAt } };
  state.pending.push({ t: arriveAt, class: 3, source, seq, to: message.to, body, copy: true });
}

/** Both ends give up a connection: what is on its way is reset, and each end hears that the other is gone. Called at a window start. */
export function resetConnection(
  state: FabricState,
  ends: { from: InstanceId; to: InstanceId; link: string },
  t: VirtualTime,
  reason: string,
): void {
  const { from, to, link } = ends;
  const keys = [connectionKey(from, to, link), connectionKey(to, from, link)];
  for (const key of keys) {
    state.stuck.delete(key);
    state.lastArrival.delete(key);
  }
  const caught: Pending[] = [];
  const travels = ({ body, copy }: Pending): boolean =>
    body.type === 'message' &&
    copy !== true &&
    body.message.link === link &&
    !body.message.payload.kind.startsWith('http.') &&
    keys.includes(connectionKey(body.message.from, body.message.to, link));
  state.pending.filter((item) => {
    if (!travels(item)) return true;
    caught.push(item);
    return false;
  });
  for (const item of caught) {
    const { source, seq } = item;
    const refusal = { message: eventId(item), to: item.to, reason: 'connection_reset' as const, cause: reason };
    state.open.push({ t, class: 3, source, seq: seq + 1, type: 'message.refused', ...refusal });
  }
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    if (!state.instances.get(one)?.alive) continue;
    const body = { type: 'peer.down' as const, instance: other, reason };
    state.pending.push({ t, class: 1, source: FABRIC_SOURCE, seq: state.seq++, to: one, body });
  }
}
