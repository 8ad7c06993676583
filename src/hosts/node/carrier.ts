import type { InstanceId, Message, Payload, TraceContext } from '../../core/fabric/message.ts';

/** Where a carrier puts what comes back; never called before `send` has returned. */
export interface Inbox {
  /** A message from a neighbour; an answer names the message it answers. */
  arrive(
    from: InstanceId,
    payload: Payload,
    more?: { answers?: Message; trace?: TraceContext | null; operation?: string; link?: string | null },
  ): void;
  /** A sent message reached nobody. */
  refused(message: Message, reason: 'connection_refused' | 'connection_reset'): void;
  /** A connection that was open is gone. */
  down(instance: InstanceId, reason: string): void;
}

/** Carries the messages of this instance to one neighbour over a real protocol. */
export interface Carrier {
  /** Never throws; what goes wrong comes back through the inbox. */
  send(message: Message): void;
  /** Lets go of sockets; resolves when they are closed. */
  close(): Promise<void>;
}

/** Node error codes that mean nobody accepted the connection; everything else broke an accepted one. */
const REFUSED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** How the tab would name a socket's failure. */
export function lossOf(error: unknown): 'connection_refused' | 'connection_reset' {
  const code = codeOf(error);
  if (error instanceof AggregateError)
    return error.errors.every((one) => REFUSED.has(codeOf(one))) ? 'connection_refused' : 'connection_reset';
  return REFUSED.has(code) ? 'connection_refused' : 'connection_reset';
}

/** `error.code` as text, or an empty text. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (typeof error.code === 'string' || typeof error.code === 'number')
    ? String(error.code)
    : '';

/** The message of anything thrown. */
export const textOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);
