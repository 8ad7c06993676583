import { grpcStatusText } from '../../core/grpc/status.ts';
import type { VirtualTime } from '../../core/base/order.ts';
import type { PacketView, RunView } from '../../core/telemetry/view.ts';
import { messageTitle } from '../message/message-content.ts';
import type { Texts } from '../text/texts.ts';
import { markWords } from './mark-words.ts';

/** Up to where the run has been told. */
export interface Told {
  messages: number;
  t: VirtualTime;
}
export const toldOf = (view: RunView): Told => ({ messages: view.messages.size + view.dropped.messages, t: view.t });

/** 0 = not worth words; more is more urgent. */
function weight({ event, outcome, shape }: PacketView): number {
  if (outcome === 'dropped') return 4;
  if (event.payload.kind === 'amqp.publish') return outcome === 'compensation' ? 3 : 1;
  if (outcome === 'compensation' && (shape === 'http' || shape === 'grpc')) return 3;
  const { kind } = event.payload;
  if (kind === 'http.reply' || kind === 'http.request' || kind === 'grpc.request' || kind === 'grpc.reply') return 1;
  return 0;
}

/** One sentence about what is new since `told`: the most important thing in words, the rest as a number; null when nothing is worth words. */
export function narrate(view: RunView, told: Told, title: (id: string) => string, texts: Texts): string | null {
  const { t } = texts;
  const marks = view.marks.filter((mark) => mark.t > told.t && mark.kind !== 'input');
  const sentences = marks.map((mark) => markWords(mark, title, texts));
  const fresh: PacketView[] = [];
  let skip = view.messages.size - (view.messages.size + view.dropped.messages - told.messages);
  for (const packet of view.messages.values()) {
    skip -= 1;
    if (skip < 0 && weight(packet) > 0) fresh.push(packet);
  }
  const first = fresh.reduce<PacketView | null>(
    (best, packet) => (best === null || weight(packet) > weight(best) ? packet : best),
    null,
  );
  if (first !== null && (sentences.length === 0 || weight(first) > 2)) sentences.push(messageWords(first, title, t));
  const rest = fresh.length - (first === null ? 0 : 1);
  if (sentences.length > 0 && rest > 0) sentences.push(t('narrate.more', { count: rest }));
  return sentences.length === 0 ? null : `${sentences.join('. ')}.`;
}

function messageWords(packet: PacketView, title: (id: string) => string, t: Texts['t']): string {
  const { event, outcome } = packet;
  const values = { operation: messageTitle(packet), from: title(event.from), to: title(event.to) };
  if (outcome === 'dropped') return t('narrate.lost', values);
  if (outcome === 'compensation') return t('narrate.compensation', values);
  if (event.payload.kind === 'http.reply')
    return t('narrate.reply', { ...values, status: String(event.payload.status) });
  if (event.payload.kind === 'grpc.reply')
    return t('narrate.reply', { ...values, status: grpcStatusText(event.payload.status) });
  return t('narrate.sent', values);
}
