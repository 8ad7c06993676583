import type { VirtualTime } from '../../core/base/order.ts';
import type { Outcome, PacketView, RunView } from '../../core/telemetry/view.ts';
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

/** Whether it found nobody who listens. */
export const isRefused = ({ answer, outcome, shape }: PacketView): boolean =>
  shape !== 'reply' && outcome === 'error' && answer !== null && !answer.ok && answer.status === null;

/** Whether the message has not arrived yet. */
export const isOnWire = (packet: PacketView, t: VirtualTime): boolean => t < packet.arriveAt;

/** How a wait ended that no reply ended: `code` in one word, `message` in full. */
export interface SilentEnd {
  t: VirtualTime;
  code: string;
  message: string;
}

/** What became of a request that nobody answered: its caller gave up (time-out, lost connection), or is gone itself. Null while the caller waits. */
export function silentEnd(packet: PacketView, view: Pick<RunView, 'traces' | 'instances'>): SilentEnd | null {
  const { event } = packet;
  if (packet.answer !== null || event.fate !== 'deliver' || !awaitsReply(packet)) return null;
  const span = event.trace === null ? undefined : view.traces.get(event.trace.traceId)?.spans.get(event.trace.spanId);
  const isCall = span?.kind === 'CLIENT' || span?.kind === 'PRODUCER';
  if (isCall && span.end !== null) {
    const code = span.attributes['error.type'];
    const word = typeof code === 'string' ? code : (span.description ?? 'ended');
    return { t: span.end, code: word, message: span.description ?? word };
  }
  const caller = view.instances.get(event.from);
  if (caller?.status !== 'dead' && caller?.status !== 'stopped') return null;
  return { t: packet.arriveAt, code: 'caller_gone', message: caller.reason ?? '' };
}

/** The outcome in words: the status where there is one, else what happened. `onWire` as `isOnWire` says at the shown time. */
export function outcomeWords(
  packet: PacketView,
  outcome: Outcome,
  onWire: boolean,
  ended: SilentEnd | null,
  t: Texts['t'],
): string {
  const { event, answer } = packet;
  if (event.fate === 'lost') return t('message.lost');
  if (event.fate === 'partitioned') return t('message.partitioned');
  if (event.payload.kind === 'http.reply') return String(event.payload.status);
  if (event.payload.kind === 'grpc.reply') return grpcStatusText(event.payload.status);
  if (event.payload.kind === 'db.result' && !event.payload.result.ok) return event.payload.result.code;
  if (outcome === 'flight') {
    if (onWire) return t('outcome.flight');
    if (!awaitsReply(packet)) return t('outcome.arrived');
    if (ended === null) return t('outcome.waiting');
    return ended.code === 'caller_gone' ? t('outcome.callerGone') : t('outcome.noReply', { code: ended.code });
  }
  if (answer !== null && answer.status !== null)
    return packet.shape === 'grpc' ? grpcStatusText(answer.status) : String(answer.status);
  if (isRefused(packet)) return t('outcome.refused');
  return t(`outcome.${outcome}`);
}
