import { headerOf } from '../../core/http/headers.ts';
import type { Payload } from '../../core/fabric/message.ts';
import { grpcSizes } from '../../core/grpc/sizes.ts';
import { grpcStatusText } from '../../core/grpc/status.ts';
import type { RunView, PacketView } from '../../core/telemetry/view.ts';
import { formatBytes } from '../run/format.ts';
import type { TextKey, Texts } from '../text/texts.ts';

/** What a protocol adds to what every message says of itself. */
export interface ProtocolFact {
  name: TextKey;
  value: string;
}

/** Envoy's response flags that a gateway of this model gives. */
const FLAGS: Readonly<Record<string, TextKey>> = {
  NR: 'flag.NR',
  UT: 'flag.UT',
  UF: 'flag.UF',
  UC: 'flag.UC',
  UH: 'flag.UH',
  UO: 'flag.UO',
  RL: 'flag.RL',
  FI: 'flag.FI',
  URX: 'flag.URX',
};

/** Flags as `UF,URX` with what each means; one that is not known stays as it is. */
export function flagWords(flags: string, { t }: Texts): string {
  const meanings = flags.split(',').map((flag) => {
    const key = Object.hasOwn(FLAGS, flag) ? FLAGS[flag] : undefined;
    return key === undefined ? flag : `${flag}: ${t(key)}`;
  });
  return meanings.join('; ');
}

/** The flag that the gateway put on the span that sent this reply; null for other messages. */
export function flagOf({ event }: PacketView, { traces }: Pick<RunView, 'traces'>): string | null {
  const { kind } = event.payload;
  if ((kind !== 'http.reply' && kind !== 'grpc.reply') || event.trace === null) return null;
  const span = traces.get(event.trace.traceId)?.spans.get(event.trace.spanId);
  const flag = span?.kind === 'SERVER' && span.source === event.from ? span.attributes['servarium.flag'] : undefined;
  return typeof flag === 'string' ? flag : null;
}

function limitFact(headers: Readonly<Record<string, string>>, { t }: Texts): ProtocolFact[] {
  const [limit, left, reset] = ['limit', 'remaining', 'reset'].map((part) => headerOf(headers, `ratelimit-${part}`));
  if (limit == null || left == null || reset == null) return [];
  const after = headerOf(headers, 'retry-after');
  const value = t('message.limitOf', { left, limit, reset });
  const wait: ProtocolFact[] =
    after === null ? [] : [{ name: 'message.retryAfter', value: t('unit.s', { value: after }) }];
  return [{ name: 'message.limit', value }, ...wait];
}

/** Facts of a payload by its protocol: status, sizes as protobuf and as JSON, what is left of a rate limit. */
export function protocolFacts(payload: Payload, texts: Texts): ProtocolFact[] {
  const facts: ProtocolFact[] = [];
  if (payload.kind === 'grpc.request') facts.push({ name: 'message.method', value: payload.path });
  if (payload.kind === 'grpc.reply') {
    const status = grpcStatusText(payload.status);
    const said = payload.message === '' ? status : `${status}: ${texts.reason(payload.message)}`;
    facts.push({ name: 'message.status', value: said });
    if (payload.sent > 0) facts.push({ name: 'message.streamed', value: texts.number(payload.sent) });
  }
  if (payload.kind === 'grpc.message') facts.push({ name: 'message.inStream', value: texts.number(payload.index + 1) });
  const sizes = grpcSizes(payload);
  if (sizes !== null && sizes.json > 0) {
    facts.push({ name: 'message.protobuf', value: formatBytes(sizes.message, texts) });
    facts.push({ name: 'message.json', value: formatBytes(sizes.json, texts) });
  }
  if (payload.kind === 'http.reply') facts.push(...limitFact(payload.headers, texts));
  return facts;
}

/** A message of a registry in one sentence; null for every other kind. */
export function registryWords(payload: Payload, { t, number }: Texts): string | null {
  switch (payload.kind) {
    case 'registry.register':
      return t('told.register', {
        service: payload.service,
        address: payload.address,
        seconds: number(payload.ttlMs / 1000, 1),
      });
    case 'registry.heartbeat':
      return t('told.heartbeat', { service: payload.service });
    case 'registry.deregister':
      return t('told.deregister', { service: payload.service });
    case 'registry.discover':
      if ((payload.index ?? 0) > 0)
        return t('told.blocking', {
          service: payload.service,
          index: number(payload.index ?? 0, 0),
          seconds: number((payload.waitMs ?? 0) / 1000, 1),
        });
      return t(payload.watch === true ? 'told.watch' : 'told.discover', { service: payload.service });
    case 'registry.result':
      return t('told.result', { service: payload.service, count: payload.addresses.length });
    case 'registry.notice':
      return payload.addresses === null
        ? t('told.noticeAgain', { service: payload.service })
        : t('told.notice', { service: payload.service, count: payload.addresses.length });
    case 'registry.unknown':
      return t('told.unknown', { service: payload.service });
    case 'registry.check':
      return t('told.check');
    case 'registry.checked':
      return t('told.checked', { status: String(payload.status) });
    case 'registry.ok':
      return t('told.ok');
    default:
      return null;
  }
}

/** The addresses that a registry's answer lists, one per line; null when it lists none. */
export function registryList(payload: Payload): string | null {
  if (payload.kind !== 'registry.result' && payload.kind !== 'registry.notice') return null;
  const lines = (payload.addresses ?? []).map(({ instance, address }) => `${instance}  ${address}`);
  return lines.length === 0 ? null : lines.join('\n');
}
