import type { ReactNode } from 'react';
import type { PacketView, SpanView } from '../../core/telemetry/view.ts';
import { Code } from '../run/code.tsx';
import { formatBytes, formatDuration, formatTime, prettyBody, shortTrace } from '../run/format.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import { messageBody, messageHeaders } from './message-content.ts';
import styles from './message-panel.module.css';
import { isRefused } from './outcome.ts';
import { flagOf, flagWords, protocolFacts, registryList, registryWords } from './protocol-facts.ts';
import { useSilentEnd } from './use-silent-end.ts';

/** Characters that one of the two columns shows in a line; what is longer has a line of its own. */
const COLUMN_CHARACTERS = 18;

function Fact({ name, isWide = false, children }: { name: string; isWide?: boolean; children: ReactNode }) {
  return (
    <div className={styles.fact} data-wide={isWide}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Times, size and body. */
export function MessageBody({ packet }: { packet: PacketView }) {
  const run = useRunStore();
  const texts = useText();
  const { t } = texts;
  const { event } = packet;
  const sentence = registryWords(event.payload, texts);
  const body = sentence === null ? messageBody(event.payload) : registryList(event.payload);
  const flag = useRun(({ view }) => flagOf(packet, view));
  const { trace, payload } = event;
  const ended = useSilentEnd(packet);
  return (
    <>
      <dl className={styles.facts}>
        <Fact name={t('message.trace')}>
          {trace === null ? (
            t('message.none')
          ) : (
            <button type="button" className={styles.link} onClick={() => run.select({ traceId: trace.traceId })}>
              {shortTrace(trace.traceId)}
            </button>
          )}
        </Fact>
        <Fact name={t('message.sent')}>{formatTime(packet.departAt)}</Fact>
        <Fact name={t('message.wire')}>{formatBytes(packet.size, texts)}</Fact>
        <Fact name={t('message.delay')}>
          {formatDuration(packet.arriveAt - packet.departAt, texts)} <i>{t('message.modelled')}</i>
        </Fact>
        {payload.kind === 'http.reply' && <Fact name={t('message.status')}>{payload.status}</Fact>}
        {payload.kind === 'amqp.deliver' && <Fact name={t('message.queue')}>{payload.queue}</Fact>}
        {payload.kind === 'amqp.deliver' && payload.deliveryCount > 0 && (
          <Fact name={t('message.status')}>{t('message.redelivered', { count: payload.deliveryCount })}</Fact>
        )}
        {packet.shape !== 'reply' && payload.kind === 'http.request' && (
          <Fact name={t('message.reply')}>
            {isRefused(packet)
              ? t('message.refusedBy')
              : (packet.answer?.status ?? (ended ? ended.message || t('outcome.callerGone') : t('message.noReply')))}
          </Fact>
        )}
        {flag !== null && (
          <Fact name={t('message.flag')} isWide>
            {flagWords(flag, texts)}
          </Fact>
        )}
        {protocolFacts(payload, texts).map(({ name, value }) => (
          <Fact key={name} name={t(name)} isWide={value.length > COLUMN_CHARACTERS}>
            {value}
          </Fact>
        ))}
      </dl>
      {sentence !== null && <p className={styles.sentence}>{sentence}</p>}
      {sentence !== null && body === null ? null : body === null || body === '' ? (
        <p className={styles.empty}>{t('message.noBody')}</p>
      ) : (
        <Code text={prettyBody(body)} label={t('message.tab.message')} />
      )}
    </>
  );
}

/** Headers in the order in which they were written. */
export function MessageHeaders({ packet }: { packet: PacketView }) {
  const { t } = useText();
  const headers = Object.entries(messageHeaders(packet.event.payload));
  if (headers.length === 0) return <p className={styles.empty}>{t('message.noHeaders')}</p>;
  return (
    <dl className={styles.pairs}>
      {headers.map(([name, value]) => (
        <Pair key={name} name={name}>
          {value}
        </Pair>
      ))}
    </dl>
  );
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** The span that sent the message. */
export function MessageSpan({ packet }: { packet: PacketView }) {
  const { t } = useText();
  const trace = packet.event.trace;
  const span = useRun(({ view }) =>
    trace === null ? undefined : view.traces.get(trace.traceId)?.spans.get(trace.spanId),
  );
  return span === undefined ? <p className={styles.empty}>{t('message.noSpan')}</p> : <SpanFacts span={span} />;
}

/** Everything a span says of itself. */
export function SpanFacts({ span }: { span: SpanView }) {
  const texts = useText();
  const { t } = texts;
  return (
    <dl className={styles.pairs}>
      <Pair name={t('span.name')}>{span.name}</Pair>
      <Pair name={t('span.kind')}>{span.kind}</Pair>
      <Pair name={t('span.service')}>{span.source}</Pair>
      <Pair name={t('span.status')}>{span.description === null ? span.status : texts.reason(span.description)}</Pair>
      <Pair name={t('span.duration')}>
        {span.end === null ? t('span.open') : formatDuration(span.end - span.start, texts)}
      </Pair>
      {span.failures.map((failure) => (
        <Pair key={failure.t} name={failure.code}>
          {texts.reason(failure.message)}
        </Pair>
      ))}
      {Object.entries(span.attributes).map(([name, value]) => (
        <Pair key={name} name={name}>
          {typeof value === 'string' ? value : JSON.stringify(value)}
        </Pair>
      ))}
    </dl>
  );
}

/** Log lines of the message's trace; those of its own span stand out. */
export function MessageLogs({ packet }: { packet: PacketView }) {
  const { t } = useText();
  const trace = packet.event.trace;
  const all = useRun(({ view }) => view.logs);
  const lines = trace === null ? [] : all.filter((line) => line.traceId === trace.traceId);
  if (lines.length === 0) return <p className={styles.empty}>{t('message.noLogs')}</p>;
  return (
    <ul className={styles.lines}>
      {lines.map((line) => (
        <li key={line.id} data-own={line.spanId === trace?.spanId} data-severity={line.severity}>
          <span>{formatTime(line.t)}</span>
          <b>{line.severity}</b>
          <span>{line.text}</span>
        </li>
      ))}
    </ul>
  );
}
