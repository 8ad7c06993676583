import { isObject } from '../../../base/json.ts';
import { HEALTH_CHECK, HEALTH_PROTO } from '../../../grpc/health.ts';
import { grpcCodecOf } from '../../../grpc/known-codecs.ts';
import { grpcStatusText } from '../../../grpc/status.ts';
import type { CheckKind } from '../../caller/active-checks.ts';

/** What the whole server says of itself, or null when it cannot be read. */
function servingIn(bytes: string | null): string | null {
  const codec = grpcCodecOf(HEALTH_PROTO);
  const output = codec.ok ? codec.value.rpcs.get(HEALTH_CHECK)?.output : undefined;
  const read = bytes === null ? undefined : output?.decode(bytes);
  const status = read?.ok === true && isObject(read.value) ? read.value['status'] : null;
  return typeof status === 'string' ? status : null;
}

/** Envoy's gRPC checks: grpc.health.v1.Health/Check of the whole server, good when it answers OK and SERVING (GW20). */
export const OVER_GRPC: CheckKind = {
  protocol: 'grpc',
  ask: ({ timeoutMs }) => ({
    operation: `check ${HEALTH_CHECK}`,
    payload: {
      kind: 'grpc.request',
      path: `/${HEALTH_CHECK}`,
      metadata: {},
      timeoutUs: Math.max(1, Math.round(timeoutMs * 1000)),
      // The empty service name, and with it the message, has no bytes.
      bytes: '',
      json: '{"service":""}',
    },
  }),
  judge(_policy, payload) {
    if (payload.kind !== 'grpc.reply') return null;
    const said = payload.status === 0 ? (servingIn(payload.bytes) ?? 'no answer') : grpcStatusText(payload.status);
    return { isGood: said === 'SERVING', reason: `a health check got ${said}` };
  },
};
