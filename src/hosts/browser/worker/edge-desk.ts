import type { EdgeReply } from '../../../core/fabric/state.ts';
import type { HttpReply } from '../../../core/fabric/message.ts';

/** Wall time that a request from outside waits for its reply (decision 8). */
export const EDGE_WALL_MS = 30_000;

/** `application/problem+json` (RFC 9457) with our stable code. */
export const problemReply = (status: number, code: string, detail: string): HttpReply => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify({ type: 'about:blank', status, code, detail }),
});

/** Requests from outside that wait for their simulated reply. */
export interface EdgeDesk {
  /** Settles with the reply to this input, or with a 504 after 30 s of wall time; the simulated request goes on. */
  wait(input: number): Promise<HttpReply>;
  answer(replies: readonly EdgeReply[]): void;
  /** Its caller has gone away: no reply is waited for. */
  forget(input: number): void;
  /** Inputs without a reply yet, also those whose caller got a 504: a paused run plays until there are none. */
  readonly open: number;
  /** No reply will come any more. */
  close(reply: HttpReply): void;
}

/** An empty desk. */
export function createEdgeDesk(wallMs: number = EDGE_WALL_MS): EdgeDesk {
  const waiting = new Map<number, (reply: HttpReply) => void>();
  return {
    wait: (input) =>
      new Promise((resolve) => {
        const timer = setTimeout(
          () =>
            resolve(
              problemReply(
                504,
                'EDGE_WALL_TIMEOUT',
                `no reply within ${wallMs / 1000} s; the simulated request goes on`,
              ),
            ),
          wallMs,
        );
        waiting.set(input, (reply) => {
          clearTimeout(timer);
          resolve(reply);
        });
      }),
    answer(replies) {
      for (const { input, reply } of replies) {
        waiting.get(input)?.(reply);
        waiting.delete(input);
      }
    },
    forget(input) {
      waiting.get(input)?.(problemReply(499, 'EDGE_CANCELLED', 'the caller has gone away'));
      waiting.delete(input);
    },
    get open() {
      return waiting.size;
    },
    close(reply) {
      for (const settle of waiting.values()) settle(reply);
      waiting.clear();
    },
  };
}
