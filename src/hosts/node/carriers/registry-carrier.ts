import type { InstanceId, Message, Payload } from '../../../core/fabric/message.ts';
import { type Carrier, type Inbox, lossOf } from '../carrier.ts';

/** How a container reaches its registry. */
export interface RegistryOptions {
  host: string;
  port: number;
  /** This instance: the id under which it registers. */
  instance: InstanceId;
  /** The registry as the actors know it: from whom notices come. */
  registry: InstanceId;
  /** Every discovered address, so that messages to that instance find their way. */
  onAddress(instance: InstanceId, address: string): void;
}

/** Longest wait for an answer of a registry. ms */
export const CALL_TIMEOUT_MS = 3_000;

/** A carrier that answers each message by a call; a call that fails is a connection that was refused or broke. */
export function answeringCarrier(
  inbox: Inbox,
  answerTo: (payload: Payload, message: Message) => Promise<Payload>,
  end: () => Promise<void> = () => Promise.resolve(),
): Carrier {
  const pending = new Set<Promise<void>>();
  return {
    send(message) {
      const work = answerTo(message.payload, message).then(
        (payload) => inbox.arrive(message.to, payload, { answers: message }),
        (error: unknown) =>
          inbox.refused(message, lossOf(error instanceof Error && error.cause !== undefined ? error.cause : error)),
      );
      pending.add(work);
      void work.finally(() => pending.delete(work));
    },
    // A deregistration under way is the last word; it must be heard.
    async close() {
      await Promise.all(pending);
      await end();
    },
  };
}
