import { eventId } from '../base/order.ts';
import { payloadSize } from './encode.ts';
import { EDGE, type InstanceId } from './message.ts';
import { arrivalOf } from './network.ts';
import type { Outgoing, WindowRequest } from './protocol.ts';
import type { FabricState, Pending } from './state.ts';

interface Deliveries {
  from: number;
  to: number;
  deliver: Map<InstanceId, WindowRequest>;
}

/** The request of this window for an instance, made on first use. */
export function requestOf(plan: Deliveries, instance: InstanceId): WindowRequest {
  let request = plan.deliver.get(instance);
  if (!request) {
    request = { from: plan.from, to: plan.to, items: [] };
    plan.deliver.set(instance, request);
  }
  return request;
}

/** To a living instance, or back to the sender as a refusal one hop later. */
export function hand(state: FabricState, plan: Deliveries, item: Pending): void {
  if (state.instances.get(item.to)?.alive) {
    const { t, source, seq, body } = item;
    requestOf(plan, item.to).items.push({ t, class: item.class, source, seq, body });
    return;
  }
  if (item.body.type !== 'message') return;
  const { message } = item.body;
  const link = message.link === null ? undefined : state.topology.links[message.link];
  const refusal = { message: message.id, to: item.to, reason: 'connection_refused' as const };
  // The sender reserved this number with its `message.sent`, so the key does not depend on who reports first.
  const seq = item.seq + 1;
  state.open.push({ t: item.t, class: 3, source: item.source, seq, type: 'message.refused', ...refusal });
  const t = item.t + (link?.latency.minUs ?? state.lookahead);
  state.pending.push({
    t,
    class: 3,
    source: item.source,
    seq,
    to: message.from,
    body: { type: 'refused', ...refusal },
  });
}

/** A database, broker or registry is spoken to over one connection, which keeps order; each HTTP request has a connection of its own. */
function inOrder(state: FabricState, send: Outgoing & { source: InstanceId }, arriveAt: number): number {
  if (send.payload.kind.startsWith('http.')) return arriveAt;
  const connection = `${send.source} ${send.to} ${send.link}`;
  const kept = Math.max(arriveAt, state.lastArrival.get(connection) ?? arriveAt);
  state.lastArrival.set(connection, kept);
  return kept;
}

/** Puts a sent message on its link: recorded now, delivered after the link's latency; to the edge at once. */
export function route(state: FabricState, send: Outgoing & { source: InstanceId }): void {
  const { t, source, seq, to, operation, trace, payload } = send;
  const id = eventId(send);
  const link = send.link === null ? undefined : state.topology.links[send.link];
  const toEdge = to === EDGE;
  // A link that was deleted while the message was being written: it has no way to travel.
  const gone = !toEdge && link === undefined;
  const arriveAt = link ? inOrder(state, send, arrivalOf(link, state.definition.seed, id, t)) : t;
  const inReplyTo = send.inReplyTo ?? null;
  const way = { from: source, to, link: send.link, operation, trace, arriveAt, payload };
  const fate = gone ? ('lost' as const) : ('deliver' as const);
  state.open.push({
    t,
    class: send.class,
    source,
    seq,
    type: 'message.sent',
    ...way,
    inReplyTo,
    fate,
    size: payloadSize(payload),
  });
  if (toEdge && payload.kind === 'http.reply' && inReplyTo?.startsWith('input:')) {
    const input = Number(inReplyTo.slice('input:'.length));
    const { status, headers, body } = payload;
    if (!state.cancelled.has(input)) state.edgeReplies.push({ input, reply: { status, headers, body } });
  }
  if (toEdge || gone) return;
  const message = { id, ...way, departAt: t, ...(inReplyTo === null ? {} : { inReplyTo }) };
  state.pending.push({ t: arriveAt, class: 3, source, seq, to, body: { type: 'message', message } });
}
