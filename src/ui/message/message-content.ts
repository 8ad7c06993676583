import type { Payload } from '../../core/fabric/message.ts';
import { formatTimeout } from '../../core/grpc/timeout.ts';
import type { PacketView } from '../../core/telemetry/view.ts';

/** What a payload says, as text: its JSON body, its statement, its result; null when it says nothing more than its kind. */
export function messageBody(payload: Payload): string | null {
  switch (payload.kind) {
    case 'http.request':
    case 'http.reply':
      return payload.body;
    case 'grpc.request':
    case 'grpc.message':
    case 'grpc.reply':
      return payload.json;
    case 'db.query':
      return JSON.stringify(payload.query);
    case 'db.result':
      return JSON.stringify(payload.result.ok ? payload.result.value : payload.result);
    case 'amqp.publish':
    case 'amqp.deliver':
      return payload.message.body;
    case 'registry.result':
      return JSON.stringify(payload.addresses);
    case 'registry.ok':
      return null;
    default: {
      const { kind: _kind, ...rest } = payload;
      return JSON.stringify(rest);
    }
  }
}

/** Headers of a payload in the order in which they were written. */
export function messageHeaders(payload: Payload): Record<string, string> {
  if (payload.kind === 'http.request' || payload.kind === 'http.reply') return payload.headers;
  if (payload.kind === 'grpc.request') {
    const timeout: Record<string, string> =
      payload.timeoutUs === null ? {} : { 'grpc-timeout': formatTimeout(payload.timeoutUs) };
    return { ...payload.metadata, ...timeout };
  }
  if (payload.kind === 'grpc.reply') {
    const { metadata, status, message } = payload;
    return { ...metadata, 'grpc-status': String(status), ...(message === '' ? {} : { 'grpc-message': message }) };
  }
  if (payload.kind === 'amqp.publish' || payload.kind === 'amqp.deliver') {
    const { messageId, exchange, key, type, headers } = payload.message;
    return { exchange, 'routing-key': key, type, 'message-id': messageId, ...headers };
  }
  return {};
}

/** What a person calls the message: `POST /api/orders`, `order.created`, `INSERT orders`. */
export function messageTitle({ event }: PacketView): string {
  const { payload } = event;
  if (payload.kind === 'http.request') return `${payload.method} ${payload.path}`;
  if (payload.kind === 'amqp.publish' || payload.kind === 'amqp.deliver') return payload.message.key;
  return event.operation;
}
