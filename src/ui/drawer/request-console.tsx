import { ClipboardCopy, Send } from 'lucide-react';
import { lazy, Suspense, useId, useState, type FormEvent } from 'react';
import type { Document, Route } from '../../core/topology/schema/types.ts';
import { Badge } from '../kit/badge.tsx';
import { Button, IconButton } from '../kit/button.tsx';
import { titleOf } from '../faces/face.ts';
import { Code } from '../run/code.tsx';
import { formatDuration, prettyBody } from '../run/format.ts';
import { useTopology } from '../run/use-document-facts.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './drawer.module.css';
import { curlOf, METHODS, sendRequest, type ConsoleReply, type ConsoleRequest } from './edge-request.ts';
import own from './requests-panel.module.css';

interface Sent {
  id: number;
  request: ConsoleRequest;
  reply: ConsoleReply | null;
  failure: string | null;
}
const HISTORY = 20;

// Decides as the gateway does: loads with the first gateway that asks who is there.
const CredentialRow = lazy(() => import('./credential-row.tsx').then((module) => ({ default: module.CredentialRow })));

/** What the console starts with: the demo's request where it can be written without expressions, else a GET. */
function firstRequest(document: Document, gateway: string): ConsoleRequest {
  const client = document.nodes[document.demo?.primary.client ?? ''];
  const wanted =
    client?.kind === 'client'
      ? client.config.requests.find(({ id }) => id === document.demo?.primary.request)
      : undefined;
  const isOverHttp = wanted?.to === gateway && wanted.protocol === undefined;
  const isPlain = isOverHttp && !JSON.stringify(wanted).includes('${');
  if (isPlain && wanted.body !== undefined) {
    const body = JSON.stringify(wanted.body, null, 2);
    return { gateway, method: wanted.method, path: wanted.path, headers: '', body };
  }
  const node = document.nodes[gateway];
  const routes = node?.kind === 'gateway' ? node.config.routes.filter(isAnsweringGet) : [];
  const route = routes.find(({ match }) => match === 'exact') ?? routes.find(({ match }) => match === 'prefix');
  return { gateway, method: 'GET', path: route?.path ?? '/', headers: '', body: '' };
}

const isAnsweringGet = ({ protocol, methods }: Route): boolean =>
  protocol === undefined && (methods === undefined || methods.includes('GET'));

/** Sends real fetches into the run and shows their replies. */
export function RequestConsole() {
  const { t } = useText();
  const document = useTopology();
  const gateways = Object.entries(document.nodes).filter(([, node]) => node.kind === 'gateway');
  const first = gateways[0]?.[0];
  if (first === undefined) return <div className={styles.empty}>{t('requests.noGateway')}</div>;
  return (
    <Console
      key={document.id}
      document={document}
      first={first}
      gateways={gateways.map(([id, node]) => ({ id, title: titleOf(node) }))}
    />
  );
}

interface ConsoleProps {
  document: Document;
  first: string;
  gateways: { id: string; title: string }[];
}

function Console({ document, first, gateways }: ConsoleProps) {
  const { t } = useText();
  const [request, setRequest] = useState(() => firstRequest(document, first));
  const { history, shown, send, show } = useSending();
  const isClosed = useRun(({ definition }) => definition === null);
  const change = (part: Partial<ConsoleRequest>): void => setRequest({ ...request, ...part });
  const node = document.nodes[request.gateway];
  const hasAuth = node?.kind === 'gateway' && node.config.auth !== undefined;
  const port = node?.kind === 'gateway' ? node.config.port : 8080;
  const reason = isClosed ? t('reason.notRunning') : request.path.startsWith('/') ? null : t('requests.badPath');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason === null) void send(request);
  };
  return (
    <form className={own.console} aria-label={t('requests.console')} data-testid="console" onSubmit={onSubmit}>
      <Address request={request} change={change} reason={reason} port={port} />
      {gateways.length > 1 && (
        <label className={own.label}>
          {t('requests.gateway')}
          <select
            className={styles.select}
            value={request.gateway}
            onChange={(event) => change({ gateway: event.target.value })}
          >
            {gateways.map((gateway) => (
              <option key={gateway.id} value={gateway.id}>
                {gateway.title}
              </option>
            ))}
          </select>
        </label>
      )}
      <Suspense>
        {hasAuth && (
          <CredentialRow
            key={request.gateway}
            document={document}
            request={request}
            reason={isClosed ? t('reason.notRunning') : null}
            send={send}
            onHeaders={(headers) => setRequest((now) => ({ ...now, headers }))}
          />
        )}
      </Suspense>
      <Content request={request} change={change} />
      <Reply sent={shown} />
      {history.length > 1 && (
        <History
          history={history}
          shown={shown}
          onChoose={(sent) => {
            setRequest(sent.request);
            show(sent.id);
          }}
        />
      )}
    </form>
  );
}

/** What was sent from this console, newest first, and which of it is shown. */
function useSending() {
  const run = useRunStore();
  const [history, setHistory] = useState<readonly Sent[]>([]);
  const [shownId, show] = useState<number | null>(null);
  const send = async (request: ConsoleRequest): Promise<ConsoleReply | null> => {
    const sent: Sent = { id: (history[0]?.id ?? 0) + 1, request, reply: null, failure: null };
    const settle = (part: Partial<Sent>): void =>
      setHistory((before) => before.map((known) => (known.id === sent.id ? { ...known, ...part } : known)));
    setHistory([sent, ...history].slice(0, HISTORY));
    show(sent.id);
    try {
      const reply = await sendRequest(request, run.port, window.document.baseURI);
      settle({ reply });
      return reply;
    } catch (error) {
      settle({ failure: error instanceof Error ? error.message : String(error) });
      return null;
    }
  };
  return { history, shown: history.find((sent) => sent.id === shownId), send, show };
}

interface PartProps {
  request: ConsoleRequest;
  change: (part: Partial<ConsoleRequest>) => void;
}

function Address({ request, change, reason, port }: PartProps & { reason: string | null; port: number }) {
  const { view } = useServices();
  const { t } = useText();
  const copyCurl = (): void => {
    void navigator.clipboard.writeText(curlOf(request, port)).then(
      () => view.notify({ tone: 'plain', words: { key: 'requests.copied' } }),
      () => view.notify({ tone: 'error', words: { key: 'canvas.clipBlocked' } }),
    );
  };
  const curlTip = `${t('requests.copyCurl')}. ${t('requests.curlTip', { port: String(port) })}`;
  return (
    <div className={own.address}>
      <select
        className={styles.select}
        aria-label={t('requests.method')}
        value={request.method}
        onChange={(event) => change({ method: event.target.value })}
      >
        {METHODS.map((method) => (
          <option key={method}>{method}</option>
        ))}
      </select>
      <input
        className={own.input}
        aria-label={t('requests.path')}
        value={request.path}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => change({ path: event.target.value })}
      />
      <Button type="submit" disabledReason={reason} data-testid="console-send">
        <Send size={14} strokeWidth={1.75} aria-hidden="true" />
        {t('requests.send')}
      </Button>
      <IconButton label={t('requests.copyCurl')} data-tip={curlTip} onClick={copyCurl}>
        <ClipboardCopy size={14} strokeWidth={1.75} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

function Content({ request, change }: PartProps) {
  const { t } = useText();
  const id = useId();
  return (
    <>
      {request.method !== 'GET' && (
        <>
          <label className={own.label} htmlFor={id}>
            {t('requests.body')}
          </label>
          <textarea
            id={id}
            className={own.area}
            rows={4}
            spellCheck={false}
            value={request.body}
            onChange={(event) => change({ body: event.target.value })}
          />
        </>
      )}
      <details open={request.headers !== ''}>
        <summary className={own.label}>{t('requests.headers')}</summary>
        <textarea
          aria-label={t('requests.headers')}
          className={own.area}
          rows={2}
          spellCheck={false}
          value={request.headers}
          onChange={(event) => change({ headers: event.target.value })}
        />
      </details>
    </>
  );
}

interface HistoryProps {
  history: readonly Sent[];
  shown: Sent | undefined;
  onChoose: (sent: Sent) => void;
}

function History({ history, shown, onChoose }: HistoryProps) {
  const { t } = useText();
  return (
    <div>
      <p className={own.label}>{t('requests.history')}</p>
      {history.map((sent) => (
        <button
          key={sent.id}
          type="button"
          className={own.before}
          aria-current={sent === shown ? 'true' : undefined}
          onClick={() => onChoose(sent)}
        >
          <span className={styles.cut}>
            {sent.request.method} {sent.request.path}
          </span>
          <span className={styles.dim}>{sent.reply?.status ?? '…'}</span>
        </button>
      ))}
    </div>
  );
}

function Reply({ sent }: { sent: Sent | undefined }) {
  const texts = useText();
  const { t } = texts;
  if (sent === undefined) return <p className={own.hint}>{t('requests.noReply')}</p>;
  if (sent.failure !== null) return <p className={own.hint}>{t('requests.failed', { reason: sent.failure })}</p>;
  const { reply } = sent;
  return (
    <div className={own.reply} aria-live="polite" data-testid="console-reply">
      {reply === null ? (
        <p className={own.hint}>{t('requests.sending')}</p>
      ) : (
        <>
          <p className={own.status}>
            <Badge tone={reply.status < 400 ? 'ok' : 'err'}>{reply.status}</Badge>
            <span>{t('requests.took', { duration: formatDuration(reply.wallMs * 1000, texts) })}</span>
            {reply.isDirect && <span className={styles.dim}>{t('requests.direct')}</span>}
          </p>
          <Code text={prettyBody(reply.body)} label={t('requests.reply')} />
        </>
      )}
    </div>
  );
}
