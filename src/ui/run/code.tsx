import type { ReactNode } from 'react';
import styles from './code.module.css';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/g;

/** JSON text with its strings and values coloured; other text as it is. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    // A long body scrolls, so it has to be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className={styles.code} tabIndex={0} aria-label={label}>
      {tokens(text)}
    </pre>
  );
}

function tokens(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let last = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon, value] = match;
    if (match.index > last) parts.push(text.slice(last, match.index));
    const kind = colon !== undefined ? styles.key : string === undefined ? styles.value : styles.string;
    parts.push(
      <span key={match.index} className={kind}>
        {string ?? value}
      </span>,
    );
    if (colon !== undefined) parts.push(colon);
    last = match.index + whole.length;
  }
  if (last < text.length) parts.push(text.slice(last));
  return parts;
}
