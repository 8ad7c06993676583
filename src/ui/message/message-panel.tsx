import { Copy, CornerDownLeft, GitCommitHorizontal, X } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { nodeOf } from '../../core/fabric/message.ts';
import type { PacketView } from '../../core/telemetry/view.ts';
import { LIMITS } from '../../core/telemetry/limits.ts';
import { Badge } from '../kit/badge.tsx';
import { Button, IconButton } from '../kit/button.tsx';
import { showDrawerTab } from '../drawer/drawer-tab.ts';
import { Glyph } from '../run/glyph.tsx';
import { useTitles } from '../run/use-document-facts.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { messageBody, messageHeaders, messageTitle } from './message-content.ts';
import { MessageBody, MessageHeaders, MessageLogs, MessageSpan } from './message-parts.tsx';
import { isOnWire, outcomeNow, outcomeWords, TONE } from './outcome.ts';
import { usePlace } from './place.ts';
import styles from './message-panel.module.css';
import { useSilentEnd } from './use-silent-end.ts';

const ICON = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
const TABS = ['message', 'headers', 'span', 'logs'] as const;
type Tab = (typeof TABS)[number];

/** The opened message: what it says, how large it is, which span and log lines belong to it. Place it inside the canvas area. */
export function MessagePanel() {
  const id = useRun(({ openMessage }) => openMessage);
  return id === null ? null : <OpenMessage key={id} id={id} />;
}

const endOf = (instance: string | undefined): string | null => (instance === undefined ? null : nodeOf(instance));

function OpenMessage({ id }: { id: string }) {
  const run = useRunStore();
  const { t } = useText();
  const packet = useRun(({ view }) => view.messages.get(id));
  const panel = useRef<HTMLDivElement>(null);
  usePlace(panel, packet?.link ?? null, endOf(packet?.event.from), endOf(packet?.event.to));
  const before = useRef<Element | null>(null);

  // Before it is painted: what is seen already takes the keys, Escape first of all.
  useLayoutEffect(() => {
    before.current = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    const back = before.current;
    return () => {
      if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
    };
  }, []);

  return (
    // Escape closes the panel wherever the focus is inside it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={panel}
      className={styles.panel}
      // Not modal: the canvas beside it stays in use.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="dialog"
      tabIndex={-1}
      aria-label={t('message.panel')}
      data-testid="message-panel"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        run.openMessage(null);
      }}
    >
      {packet === undefined ? (
        <p className={styles.empty}>{t('message.gone', { count: LIMITS.messages })}</p>
      ) : (
        <Content packet={packet} />
      )}
    </div>
  );
}

function Content({ packet }: { packet: PacketView }) {
  const run = useRunStore();
  const { t } = useText();
  const title = useTitles();
  const [tab, setTab] = useState<Tab>('message');
  const outcome = useRun(({ seekT, state }) => outcomeNow(packet, seekT ?? state.now));
  const onWire = useRun(({ seekT, state }) => isOnWire(packet, seekT ?? state.now));
  const ended = useSilentEnd(packet);
  const traceId = packet.event.trace?.traceId ?? null;
  const logs = useRun(({ view }) => view.logs.filter((line) => traceId !== null && line.traceId === traceId).length);
  const headers = Object.keys(messageHeaders(packet.event.payload)).length;
  const count = { message: 0, headers, span: 0, logs };
  return (
    <>
      <header className={styles.head}>
        <Glyph shape={packet.shape} outcome={outcome} size={14} />
        <h2 className={styles.title}>{messageTitle(packet)}</h2>
        <Badge tone={ended === null || onWire ? TONE[outcome] : 'err'}>
          {outcomeWords(packet, outcome, onWire, ended, t)}
        </Badge>
        <span className={styles.way}>
          {t('message.from', { from: title(packet.event.from), to: title(packet.event.to) })}
        </span>
        <IconButton label={t('app.close')} onClick={() => run.openMessage(null)}>
          <X {...ICON} />
        </IconButton>
      </header>
      <div className={styles.tabs} role="tablist" aria-label={t('message.panel')}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`message-tab-${name}`}
            aria-selected={tab === name}
            aria-controls="message-tabpanel"
            className={styles.tab}
            onClick={() => setTab(name)}
          >
            {t(`message.tab.${name}`)}
            {count[name] > 0 && <span className={styles.count}>{count[name]}</span>}
          </button>
        ))}
      </div>
      <div className={styles.body} role="tabpanel" id="message-tabpanel" aria-labelledby={`message-tab-${tab}`}>
        {tab === 'message' && <MessageBody packet={packet} />}
        {tab === 'headers' && <MessageHeaders packet={packet} />}
        {tab === 'span' && <MessageSpan packet={packet} />}
        {tab === 'logs' && <MessageLogs packet={packet} />}
      </div>
      <Actions packet={packet} />
    </>
  );
}

function Actions({ packet }: { packet: PacketView }) {
  const run = useRunStore();
  const { view } = useServices();
  const { t } = useText();
  const body = messageBody(packet.event.payload);
  const other = packet.answer?.id ?? packet.event.inReplyTo;
  const hasOther = useRun((snapshot) => other !== null && snapshot.view.messages.has(other));
  const traceId = packet.event.trace?.traceId;
  return (
    <footer className={styles.foot}>
      {traceId !== undefined && (
        <Button
          onClick={() => {
            run.select({ traceId });
            showDrawerTab('traces', view);
          }}
        >
          <GitCommitHorizontal {...ICON} />
          {t('message.follow')}
        </Button>
      )}
      {other !== null && hasOther && (
        <Button onClick={() => run.openMessage(other)}>
          <CornerDownLeft {...ICON} />
          {t(packet.event.inReplyTo === null ? 'message.openReply' : 'message.openRequest')}
        </Button>
      )}
      {body !== null && (
        <span className={styles.end}>
          <IconButton
            label={t('message.copy')}
            onClick={() => {
              void navigator.clipboard.writeText(body).then(
                () => view.notify({ tone: 'plain', words: { key: 'app.copied' } }),
                () => view.notify({ tone: 'error', words: { key: 'canvas.clipBlocked' } }),
              );
            }}
          >
            <Copy {...ICON} />
          </IconButton>
        </span>
      )}
    </footer>
  );
}
