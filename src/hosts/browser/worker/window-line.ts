import type { Endpoint } from 'comlink';
import { err, type Result } from '../../../core/base/result.ts';
import type { WindowReply, WindowRequest } from '../../../core/fabric/protocol.ts';
import { reasonOf } from '../rpc.ts';
import type { StoreHint } from './protocol.ts';

type Replied = Result<WindowReply, string>;
/** Handles one window at a time. */
export type DeliverWindow = (window: WindowRequest, hint: StoreHint) => Promise<Replied>;

/** JSON of the window and its hint; JSON of the reply. Neither has an `id`, so Comlink passes over them. */
interface WindowMessage {
  window: string;
}
interface ReplyMessage {
  reply: string;
}
const isWindow = (data: unknown): data is WindowMessage =>
  typeof data === 'object' && data !== null && 'window' in data && typeof data.window === 'string';
const isReply = (data: unknown): data is ReplyMessage =>
  typeof data === 'object' && data !== null && 'reply' in data && typeof data.reply === 'string';

/**
 * The data plane to one instance, beside the calls of `rpc.ts` on the same endpoint: every window is one message there
 * and one back, each a single text, which costs both threads less than a tree of objects.
 */
export interface WindowLine {
  /** Settles with the reply, or with the reason given to `fail`. */
  deliver: DeliverWindow;
  /** The far side is gone. */
  fail(reason: string): void;
}

/** The fabric's end of the line. */
export function openWindowLine(endpoint: Endpoint): WindowLine {
  let settle: ((replied: Replied) => void) | null = null;
  let gone: string | null = null;
  const answer = (replied: Replied): void => {
    settle?.(replied);
    settle = null;
  };
  endpoint.addEventListener('message', (event) => {
    const { data } = event as MessageEvent<unknown>;
    if (isReply(data)) answer(JSON.parse(data.reply) as Replied);
  });
  return {
    deliver: (window, hint) =>
      new Promise((resolve) => {
        if (gone !== null) return resolve(err(gone));
        settle = resolve;
        endpoint.postMessage({ window: JSON.stringify([window, hint]) } satisfies WindowMessage);
      }),
    fail(reason) {
      gone ??= reason;
      answer(err(gone));
    },
  };
}

/** The instance's end of the line. What `deliver` throws is told as the reason why there is no reply. */
export function serveWindows(deliver: DeliverWindow, endpoint: Endpoint): void {
  const handle = async (text: string): Promise<void> => {
    let replied: Replied;
    try {
      const [window, hint] = JSON.parse(text) as [WindowRequest, StoreHint];
      replied = await deliver(window, hint);
    } catch (error) {
      replied = err(reasonOf(error));
    }
    endpoint.postMessage({ reply: JSON.stringify(replied) } satisfies ReplyMessage);
  };
  endpoint.addEventListener('message', (event) => {
    const { data } = event as MessageEvent<unknown>;
    if (isWindow(data)) void handle(data.window);
  });
}
