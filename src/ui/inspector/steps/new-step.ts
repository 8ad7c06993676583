import type { Document, Step } from '../../../core/topology/schema/types.ts';
import { freeId } from '../../../core/topology/wiring/default-behaviour.ts';
import { rpcsBehind } from '../rpcs-behind.ts';
import type { StepKind } from './step-forms.ts';
import type { Answers } from './step-owner.ts';

/** What a service is wired to: the choices that its steps have. */
export interface Wiring {
  /** Databases it owns, by id. */
  stores: readonly string[];
  /** Services that it calls, over HTTP or gRPC, and gateways that it calls through. */
  services: readonly string[];
  brokers: readonly string[];
  /** It has an issuer and a key of its own. */
  issuesTokens: boolean;
}

export function wiringOf(document: Document, service: string): Wiring {
  const targets = (kind: string) =>
    Object.values(document.links)
      .filter((link) => link.kind === kind && link.from.node === service)
      .map((link) => link.to.node);
  const node = document.nodes[service];
  const issuesTokens = node?.kind === 'service' && node.config.tokens !== undefined;
  return {
    stores: targets('owns'),
    services: [...new Set([...targets('http'), ...targets('grpc')])],
    brokers: targets('publish'),
    issuesTokens,
  };
}

/** What one service may call of another over the links between them: endpoints over HTTP, methods over gRPC; of a gateway the rpcs that it routes. */
export function callableOf(document: Document, service: string, to: string): { id: string; label: string }[] {
  const callee = document.nodes[to];
  if (callee?.kind === 'gateway') return rpcsBehind(document, to).map((rpc) => ({ id: rpc, label: rpc }));
  if (callee?.kind !== 'service') return [];
  const isLinked = (kind: string) =>
    Object.values(document.links).some(
      (link) => link.kind === kind && link.from.node === service && link.to.node === to,
    );
  const { endpoints, grpc } = callee.config;
  return [
    ...(isLinked('http') ? endpoints.map(({ id, method, path }) => ({ id, label: `${method} ${path}` })) : []),
    ...(isLinked('grpc') ? (grpc?.methods.map(({ id, rpc }) => ({ id, label: rpc })) ?? []) : []),
  ];
}

/** Kinds of step that a handler of this service can have with its links and its way to answer; the others come when it is wired. */
export function possibleKinds(wiring: Wiring, kinds: readonly StepKind[], answers: Answers): StepKind[] {
  const needsStore: readonly StepKind[] = ['insert', 'get', 'find', 'update', 'delete', 'transaction'];
  return kinds.filter((kind) => {
    if (kind === 'call') return wiring.services.length > 0;
    if (kind === 'publish') return wiring.brokers.length > 0;
    if (kind === 'send') return answers === 'stream';
    if (kind === 'respond') return answers === 'http' || answers === 'unary';
    if (kind === 'token' || kind === 'jwks') return wiring.issuesTokens;
    return !needsStore.includes(kind) || wiring.stores.length > 0;
  });
}

/** A step of a kind that works as it is, ready to be changed. */
export function newStep(kind: StepKind, document: Document, service: string, taken: ReadonlySet<string>): Step {
  const wiring = wiringOf(document, service);
  const id = freeId(kind, taken);
  const database = document.nodes[wiring.stores[0] ?? ''];
  const first = database?.kind === 'database' ? database.config.tables[0] : undefined;
  const name = first?.name ?? 'items';
  const row = Object.fromEntries(
    (first?.columns ?? []).map((column) => [column.name, column.name === first?.primaryKey ? '${ uuid() }' : null]),
  );
  const note: Step = { id: `${id}-log`, do: 'log', level: 'info', text: '${ node.name }' };
  switch (kind) {
    case 'insert':
      return { id, do: kind, table: name, value: row };
    case 'get':
      return { id, do: kind, table: name, key: '1', as: 'row' };
    case 'find':
      return { id, do: kind, table: name, where: {}, limit: 20, as: 'rows' };
    case 'update':
      return { id, do: kind, table: name, where: {}, set: {} };
    case 'delete':
      return { id, do: kind, table: name, where: { [first?.primaryKey ?? 'id']: '1' } };
    case 'call': {
      const to = wiring.services[0] ?? '';
      const callee = document.nodes[to];
      const [callable] = callableOf(document, service, to);
      const endpoint =
        callee?.kind === 'service' ? callee.config.endpoints.find((known) => known.id === callable?.id) : undefined;
      const params = Object.fromEntries(
        [...(endpoint?.path ?? '').matchAll(/\{([^}]+)\}/g)].map(([, key]) => [key, '1']),
      );
      const input = Object.keys(params).length > 0 ? { params } : {};
      return { id, do: kind, to, endpoint: callable?.id ?? 'about', input, timeoutMs: 1000 };
    }
    case 'publish':
      return {
        id,
        do: kind,
        to: wiring.brokers[0] ?? '',
        key: 'something.happened',
        type: 'SomethingHappened',
        body: {},
        via: 'direct',
      };
    case 'wait':
      return { id, do: kind, ms: 100 };
    case 'set':
      return { id, do: kind, value: {}, as: 'value' };
    case 'token':
      return { id, do: kind, subject: 'somebody', audience: 'api', scopes: [], as: 'token' };
    case 'jwks':
      return { id, do: kind, as: 'keys' };
    case 'respond':
      return { id, do: kind, status: 200, body: {} };
    case 'send':
      return { id, do: kind, body: {} };
    case 'fail':
      return { id, do: kind, code: 'refused', message: 'refused', status: 409 };
    case 'log':
      return { id, do: kind, level: 'info', text: '${ node.name }' };
    case 'choose':
      return { id, do: kind, when: [{ if: 'true', steps: [note] }] };
    case 'each':
      return { id, do: kind, in: '[1, 2, 3]', item: 'item', steps: [note] };
    case 'parallel':
      return { id, do: kind, branches: [{ id: 'first', steps: [note] }] };
    case 'try':
      return { id, do: kind, steps: [note], catch: [{ code: '*', steps: [] }] };
    case 'transaction':
      return { id, do: kind, steps: [note] };
  }
}
