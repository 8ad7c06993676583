import type { Message, Payload } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { extractTrace } from '../../http/trace-context.ts';
import { topicMatches } from '../../messaging/topic.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';
import { parseBody } from './parse-body.ts';
import { handlerSpanId, type Work } from './work.ts';

/** The work of one delivered message: the first subscription whose key matches handles it; acknowledged at its end, nacked when it failed (not requeued when the failure is final). */
export function amqpWork(
  port: ActorPort,
  config: ConfigOf<'service'>,
  message: Message,
  payload: Extract<Payload, { kind: 'amqp.deliver' }>,
  occurrence: (spanId: string) => number,
  done: () => void,
): Work {
  const { queue, deliveryTag, redelivered } = payload;
  const { key, type, messageId, headers, body } = payload.message;
  const subscription = config.subscriptions.find((s) => topicMatches(s.key, key));
  const trace = message.trace ?? extractTrace(headers) ?? { traceId: port.hexId('trace', 32, message.id), spanId: '' };
  // Random decisions of a first delivery are the same everywhere; what is delivered again is ordered by chance anyway.
  const first = handlerSpanId(port, trace, 'consumer', port.init.node);
  const again = occurrence(first);
  const attempt = redelivered || again > 0 ? 1 : 0;
  const spanId =
    attempt === 0
      ? first
      : handlerSpanId(port, trace, 'consumer', port.init.instance, port.init.incarnation, deliveryTag, again);
  const { traceId } = trace;
  return {
    name: `process ${key}`,
    kind: 'CONSUMER',
    trace,
    parentSpanId: trace.spanId === '' ? null : trace.spanId,
    spanId,
    attempt,
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.destination.name': queue,
      'messaging.message.id': messageId,
      'messaging.rabbitmq.destination.routing_key': key,
    },
    handler: subscription?.id ?? '',
    saga: subscription?.saga,
    steps: subscription?.steps ?? [],
    scope: { message: { key, type, id: messageId, body: parseBody(body) } },
    respond: () => {},
    finished(failure) {
      const requeue = failure?.retriable !== false;
      const settle: Payload = failure
        ? { kind: 'amqp.nack', queue, deliveryTag, requeue }
        : { kind: 'amqp.ack', queue, deliveryTag };
      const operation = `${failure ? 'nack' : 'ack'} ${key}`;
      port.send({ to: message.from, link: message.link, operation, trace: { ...trace, spanId }, payload: settle });
      const description = failure?.message ?? null;
      port.emit({
        type: 'span.ended',
        traceId,
        spanId,
        status: failure ? 'error' : 'unset',
        description,
        attributes: {},
      });
      done();
    },
  };
}
