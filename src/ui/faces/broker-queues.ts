import { useMemo } from 'react';
import type { QueueView } from '../../core/telemetry/view.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { useTopology } from '../run/use-document-facts.ts';
import { useQueues } from '../run/use-run.ts';

/** Queues of a broker by name: those that the run has, and empty those that the drawing declares and no run has begun yet. */
export function brokerQueues(
  broker: string,
  document: Pick<Document, 'nodes' | 'links'>,
  running: readonly QueueView[],
): QueueView[] {
  const queues = new Map(running.map((queue) => [queue.queue, queue]));
  for (const { kind, from, to } of Object.values(document.links)) {
    const consumer = document.nodes[to.node];
    if (kind !== 'subscribe' || from.node !== broker || consumer?.kind !== 'service') continue;
    // A service's queue has its network name.
    const { name } = consumer;
    if (queues.has(name)) continue;
    const bindings = consumer.config.subscriptions.map(({ key }) => key);
    queues.set(name, { queue: name, broker, bindings, ready: 0, unacked: 0, dead: 0, consumers: 0 });
  }
  return [...queues.values()].sort((a, b) => (a.queue < b.queue ? -1 : 1));
}

/** The same for the open document at the shown time. */
export function useBrokerQueues(broker: string): readonly QueueView[] {
  const running = useQueues(broker);
  const document = useTopology();
  return useMemo(() => brokerQueues(broker, document, running), [broker, document, running]);
}
