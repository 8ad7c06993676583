import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { Document } from '../../core/topology/schema/types.ts';
import { Button } from '../kit/button.tsx';
import { useText } from '../text/use-text.tsx';
import { tokenIn, wantedBy, withHeader, type Login, type Wanted } from './credentials.ts';
import styles from './drawer.module.css';
import { parseHeaders, type ConsoleReply, type ConsoleRequest } from './edge-request.ts';
import own from './requests-panel.module.css';

interface CredentialRowProps {
  document: Document;
  request: ConsoleRequest;
  /** Why nothing can be sent now, or null. */
  reason: string | null;
  /** Sends a login; null when it was not answered. */
  send: (request: ConsoleRequest) => Promise<ConsoleReply | null>;
  /** Gets the header lines with the credential in them. */
  onHeaders: (headers: string) => void;
}

/** What the chosen route demands, and a way to get it: a login that is really sent, or a key that the gateway knows. */
export function CredentialRow({ document, request, ...rest }: CredentialRowProps) {
  const wanted = wantedBy(document, request);
  if (wanted === null) return null;
  return wanted.kind === 'token' ? (
    <TokenRow wanted={wanted} request={request} {...rest} />
  ) : (
    <KeyRow wanted={wanted} request={request} {...rest} />
  );
}

type RowProps<K extends Wanted['kind']> = Omit<CredentialRowProps, 'document'> & {
  wanted: Extract<Wanted, { kind: K }>;
};

function TokenRow({ wanted: { logins }, request, reason, send, onHeaders }: RowProps<'token'>) {
  const { t } = useText();
  const [who, setWho] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const login: Login | undefined = logins.find((one) => one.who === who) ?? logins[0];
  const hasToken = parseHeaders(request.headers)['authorization'] !== undefined;
  if (login === undefined) return hasToken ? null : <p className={own.hint}>{t('requests.noLogin')}</p>;
  const get = async (): Promise<void> => {
    const token = tokenIn((await send(login.request))?.body ?? '');
    setFailed(token === null);
    if (token !== null) onHeaders(withHeader(request.headers, 'Authorization', `Bearer ${token}`));
  };
  return (
    <div className={own.credential} data-testid="credential">
      <KeyRound size={13} strokeWidth={1.75} aria-hidden="true" />
      <span role="status">
        {t(failed ? 'requests.tokenFailed' : hasToken ? 'requests.hasToken' : 'requests.needsToken')}
      </span>
      {logins.length > 1 && (
        <select
          className={styles.select}
          aria-label={t('requests.as')}
          value={login.who}
          onChange={(event) => setWho(event.target.value)}
        >
          {logins.map((one) => (
            <option key={one.who}>{one.who}</option>
          ))}
        </select>
      )}
      <Button
        onClick={() => void get()}
        disabledReason={reason}
        tip={t('requests.getToken.tip', { request: `${login.request.method} ${login.request.path}`, who: login.who })}
        data-testid="get-token"
      >
        {t(hasToken ? 'requests.newToken' : 'requests.getToken')}
      </Button>
    </div>
  );
}

function KeyRow({ wanted: { header, keys }, request, onHeaders }: RowProps<'key'>) {
  const { t } = useText();
  const given = parseHeaders(request.headers)[header.toLowerCase()];
  return (
    <div className={own.credential} data-testid="credential">
      <KeyRound size={13} strokeWidth={1.75} aria-hidden="true" />
      <span>{t('requests.needsKey', { header })}</span>
      <select
        className={styles.select}
        aria-label={t('requests.keyOf')}
        value={keys.some(({ key }) => key === given) ? given : ''}
        onChange={(event) => onHeaders(withHeader(request.headers, header, event.target.value))}
      >
        <option value="" disabled>
          {t('requests.chooseKey')}
        </option>
        {keys.map(({ key, consumer }) => (
          <option key={key} value={key}>
            {consumer}
          </option>
        ))}
      </select>
    </div>
  );
}
