import { memo, useMemo, useState } from 'react';
import type { PacketView } from '../../core/telemetry/view.ts';
import { messageTitle } from '../message/message-content.ts';
import { awaitsReply, isOnWire, outcomeNow, outcomeWords, TONE } from '../message/outcome.ts';
import { useSilentEnd } from '../message/use-silent-end.ts';
import { formatBytes, formatDuration, shortTrace } from '../run/format.ts';
import { Glyph } from '../run/glyph.tsx';
import { useTitles } from '../run/use-document-facts.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import styles from './drawer.module.css';
import { EmptyState } from './empty-state.tsx';
import { FilterField } from './filter-field.tsx';
import own from './requests-panel.module.css';
import { VirtualList } from './virtual-list.tsx';

const isMain = ({ shape }: PacketView): boolean => shape === 'http' || shape === 'grpc' || shape === 'event';

/** Newest first; what holds the words of the filter. */
function filtered(messages: Iterable<PacketView>, filter: string, isAll: boolean): PacketView[] {
  const words = filter.toLocaleLowerCase();
  const list: PacketView[] = [];
  for (const packet of messages) {
    if (!isAll && !isMain(packet)) continue;
    const { from, to, trace } = packet.event;
    const text = words === '' ? '' : `${messageTitle(packet)} ${from} ${to} ${trace?.traceId ?? ''}`;
    if (text.toLocaleLowerCase().includes(words)) list.push(packet);
  }
  return list.reverse();
}

/** The last messages, newest first: what the dots are, for keyboard and screen reader too. Enter opens one. */
export function MessageList() {
  const run = useRunStore();
  const { t } = useText();
  const messages = useRun(({ view }) => view.messages);
  const selected = useRun(({ selection }) => selection.messageId);
  const [filter, setFilter] = useState('');
  const [isAll, setIsAll] = useState(false);
  const shown = useMemo(() => filtered(messages.values(), filter, isAll), [messages, filter, isAll]);
  return (
    <div className={`${styles.main} ${own.messages}`}>
      <div className={styles.head}>
        <FilterField label={t('drawer.filter')} value={filter} onChange={setFilter} />
        <label className={styles.choice}>
          <input type="checkbox" checked={isAll} onChange={(event) => setIsAll(event.target.checked)} />
          {t('requests.all')}
        </label>
      </div>
      <div className={own.columns} aria-hidden="true">
        <span />
        <span>{t('requests.col.message')}</span>
        <span className={own.way}>{t('requests.col.link')}</span>
        <span className={own.trace}>{t('requests.col.trace')}</span>
        <span>{t('requests.col.outcome')}</span>
        <span className={`${styles.right} ${own.size}`}>{t('requests.col.size')}</span>
        <span className={styles.right}>{t('requests.col.time')}</span>
      </div>
      <VirtualList
        items={shown}
        idOf={(packet) => packet.id}
        row={27}
        label={t('requests.messages')}
        selected={selected}
        onSelect={(packet) => run.select({ messageId: packet.id })}
        onOpen={(packet) => run.openMessage(packet.id)}
        empty={<EmptyState withDemo="requests.empty" plain="requests.emptyPlain" />}
        render={(packet) => <MessageLine packet={packet} />}
      />
    </div>
  );
}

/** One message; renders again only when it or its outcome changes, not with every frame. */
const MessageLine = memo(function MessageLine({ packet }: { packet: PacketView }) {
  const texts = useText();
  const title = useTitles();
  const outcome = useRun(({ seekT, state }) => outcomeNow(packet, seekT ?? state.now));
  const onWire = useRun(({ seekT, state }) => isOnWire(packet, seekT ?? state.now));
  const trace = packet.event.trace;
  const isRelated = useRun(({ selection }) => trace !== null && trace.traceId === selection.traceId);
  const ended = useSilentEnd(packet);
  const end = packet.answer?.t ?? ended?.t ?? packet.arriveAt;
  const isOpen = outcome === 'flight' && (onWire || (awaitsReply(packet) && ended === null));
  const words = outcomeWords(packet, outcome, onWire, ended, texts.t);
  return (
    <span className={own.line} data-related={isRelated}>
      <Glyph shape={packet.shape} outcome={outcome} />
      <span className={styles.cut}>{messageTitle(packet)}</span>
      <span className={`${styles.cut} ${own.way}`}>
        {title(packet.event.from)} → {title(packet.event.to)}
      </span>
      <span className={`${styles.mono} ${styles.dim} ${own.trace}`}>
        {trace === null ? '' : shortTrace(trace.traceId)}
      </span>
      <span
        className={own.outcome}
        data-tone={ended === null || onWire ? TONE[outcome] : 'err'}
        data-tip={ended?.message ?? words}
      >
        {words}
      </span>
      <span className={`${styles.right} ${own.size}`}>{formatBytes(packet.size, texts)}</span>
      <span className={styles.right}>{isOpen ? '–' : formatDuration(end - packet.departAt, texts)}</span>
    </span>
  );
});
