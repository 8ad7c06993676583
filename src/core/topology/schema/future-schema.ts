import { z } from 'zod';
import { Retries } from './policy-schema.ts';

/**
 * Shapes that documents may hold one day and that nothing executes yet: a document with one of them is refused with
 * NOT_YET_SUPPORTED at its place, never accepted and ignored. Defaults and names follow Envoy, Kong, resilience4j, AMQP, Kafka.
 */
const name = z.string().min(1).max(80);
const ms = z.number().min(0);
const count = z.int().min(0);

export const Idempotency = z.strictObject({ header: z.string(), required: z.boolean(), keepMs: ms });

/** Per queue, by queue name (RabbitMQ). */
export const QueueOptions = z.strictObject({
  queueType: z.enum(['classic', 'quorum']).optional(),
  messageTtlMs: ms.optional(),
  maxLength: count.optional(),
  overflow: z.enum(['drop-head', 'reject-publish']).optional(),
  deadLetterExchange: z.string().optional(),
  singleActiveConsumer: z.boolean().optional(),
  maxPriority: z.int().min(1).max(255).optional(),
});
/** Per topic, by topic name (Kafka). */
export const TopicOptions = z.strictObject({
  partitions: z.int().min(1),
  replicationFactor: z.int().min(1),
  retentionMs: ms.optional(),
  compaction: z.boolean().optional(),
});
export const Isolation = z.enum(['read-committed', 'repeatable-read', 'serializable']);
export const ReadReplicas = z.strictObject({ replicas: z.int().min(1).max(5), lagMs: ms });

const node = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  title: z.string().max(80).optional(),
  position: z.strictObject({ x: z.number(), y: z.number() }),
  parent: z.string().optional(),
  notes: z.string().max(4000).optional(),
};
const SagaStep = z.strictObject({
  id: z.string(),
  /** Richardson: compensatable*, pivot, retriable*. */
  kind: z.enum(['compensatable', 'pivot', 'retriable']),
  to: z.string(),
  endpoint: z.string(),
  compensation: z.strictObject({ to: z.string(), endpoint: z.string() }).optional(),
  retries: Retries.optional(),
});
/** Kinds that the canvas will know: recognised, drawn by no face yet, executed by nothing. */
export const FutureNode = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('orchestrator'),
    ...node,
    config: z.strictObject({
      replicas: z.int().min(1).max(20),
      sagas: z.array(z.strictObject({ name, steps: z.array(SagaStep).min(1) })),
    }),
  }),
  z.strictObject({
    kind: z.literal('monolith'),
    ...node,
    config: z.strictObject({
      port: z.int().min(1).max(65535),
      replicas: z.int().min(1).max(20),
      modules: z.array(z.string()).min(1),
    }),
  }),
  z.strictObject({
    kind: z.literal('observability'),
    ...node,
    config: z.strictObject({
      backend: z.enum(['jaeger', 'zipkin', 'loki', 'elasticsearch-kibana', 'prometheus-grafana']),
      sampling: z.number().min(0).max(1),
    }),
  }),
  z.strictObject({
    kind: z.literal('stub'),
    ...node,
    config: z.strictObject({
      image: z.string(),
      ports: z.array(z.int().min(1).max(65535)),
      environment: z.record(z.string(), z.string()),
    }),
  }),
]);
export const FUTURE_KINDS = ['orchestrator', 'monolith', 'observability', 'stub'] as const;

const fault = { node: z.string(), rate: z.number().min(0).max(1).optional() };
/** Faults of disks, which nothing sets yet. */
export const FutureFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('disk-loss'), ...fault }),
  z.strictObject({ kind: z.literal('disk-full'), ...fault }),
]);
export const FUTURE_FAULTS = ['disk-loss', 'disk-full'] as const;
