import type { VirtualTime } from '../../core/base/order.ts';
import type { Outcome, PacketView } from '../../core/telemetry/view.ts';
import { grpcStatusText } from '../../core/grpc/status.ts';
import type { Texts } from '../text/texts.ts';

export const TONE = { flight: 'plain', ok: 'ok', error: 'err', compensation: 'amber', dropped: 'plain' } as const;

/** The outcome at a time: what is on the wire has none but a reply's, compensation by trace context, and a loss. */
export function outcomeNow(packet: PacketView, t: VirtualTime): Outcome {
  if (packet.shape === 'reply' || packet.outcome === 'compensation' || packet.outcome === 'dropped')
    return packet.outcome;
  return t < packet.arriveAt || (packet.answer !== null && t < packet.answer.t) ? 'flight' : packet.outcome;
}

/** Whether somebody answers a message of this kind: a delivery is only acknowledged, and a reply is the answer itself. */
export const awaitsReply = ({ shape, event }: PacketView): boolean =>
  shape !== 'reply' && event.payload.kind !== 'amqp.deliver';

/** Whether the message has not arrived yet. */
export const isOnWire = (packet: PacketView, t: VirtualTime): boolean => t < packet.arriveAt;

/** The outcome in words: the status where there is one, else what happened. `onWire` as `isOnWire` says at the shown time. */
export function outcomeWords(packet: PacketView, outcome: Outcome, onWire: boolean, t: Texts['t']): string {
  const { event, answer } = packet;
  if (event.fate === 'lost') return t('message.lost');
  if (event.fate === 'partitioned') return t('message.partitioned');
  if (event.payload.kind === 'http.reply') return String(event.payload.status);
  if (event.payload.kind === 'grpc.reply') return grpcStatusText(event.payload.status);
  if (event.payload.kind === 'db.result' && !event.payload.result.ok) return event.payload.result.code;
  if (outcome === 'flight') {
    if (onWire) return t('outcome.flight');
    return t(awaitsReply(packet) ? 'outcome.waiting' : 'outcome.arrived');
  }
  if (answer !== null && answer.status !== null)
    return packet.shape === 'grpc' ? grpcStatusText(answer.status) : String(answer.status);
  return t(`outcome.${outcome}`);
}
