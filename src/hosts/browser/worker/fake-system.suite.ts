import type { Endpoint } from 'comlink';
import { createInstanceRunner } from '../../../core/fabric/instance-runner.ts';
import { EDGE } from '../../../core/fabric/message.ts';
import type { Actor, ActorFactory, ActorPort, DeliveryBody } from '../../../core/fabric/protocol.ts';
import type { RunDefinition } from '../../../core/fabric/run-api.ts';
import type { AnyExecutableNode, ExecutableLink, NodeKind } from '../../../core/topology/schema/types.ts';
import { reasonOf, serve } from '../rpc.ts';
import { createInstanceHost } from './instance-host.ts';
import type { SpawnWorker, WorkerHandle } from './instance-pool.ts';
import type { InstanceNotice, InstanceWorkerApi } from './protocol.ts';
import { serveWindows } from './window-line.ts';

/** A small system with actors of its own: a client that asks every 10 ms, a service, a database that counts. */
const link = (kind: ExecutableLink['kind'], from: string, to: string): ExecutableLink => ({
  kind,
  from,
  to,
  latency: { distribution: { kind: 'constant', ms: 1 }, minUs: 500 },
});
const node = (kind: NodeKind, name: string): AnyExecutableNode =>
  ({
    kind,
    name,
    config: { replicas: 1, restartDelayMs: 20, tables: [], rows: {}, port: 80 },
  }) as unknown as AnyExecutableNode;

export const fakeDefinition = (documentId: string): RunDefinition => ({
  documentId,
  topology: {
    nodes: {
      web: node('client', 'web'),
      orders: node('service', 'orders'),
      'orders-db': node('database', 'orders-db'),
    },
    links: { a: link('http', 'web', 'orders'), b: link('owns', 'orders', 'orders-db') },
  },
  initialData: null,
  seed: 7,
  inputs: [],
});

const peer = (port: ActorPort, of: string) => {
  const found = port.init.peers.find((p) => p.node === of);
  if (found === undefined) throw new Error(`no peer ${of}`);
  return { link: found.link, to: `${of}#0` };
};

function client(port: ActorPort): Actor {
  const ask = () => {
    const payload = { kind: 'http.request' as const, method: 'POST', path: '/orders', headers: {}, body: '{}' };
    port.send({ ...peer(port, 'orders'), operation: 'POST /orders', trace: null, payload });
    port.after(10_000, null);
  };
  return {
    receive(body) {
      if (body.type !== 'start') return;
      port.emit({ type: 'instance.ready', instance: port.init.instance });
      port.after(1_000, null);
    },
    timer: ask,
    inspect: () => null,
  };
}

function service(port: ActorPort): Actor {
  const query = { op: 'insert' as const, table: 'orders', row: { n: 1 } };
  const asks = new Map<string, string>();
  const insert = (reply: string): void => {
    const id = port.send({
      ...peer(port, 'orders-db'),
      operation: 'INSERT orders',
      trace: null,
      payload: { kind: 'db.query', query },
    });
    asks.set(id, reply);
  };
  const answer = (inReplyTo: string, status: number): void => {
    const payload = { kind: 'http.reply' as const, status, headers: {}, body: null };
    const isEdge = inReplyTo.startsWith('input:');
    const to = isEdge ? { to: EDGE, link: null } : peer(port, 'web');
    port.send({ ...to, operation: 'reply', inReplyTo, trace: null, payload });
  };
  return {
    receive(body: DeliveryBody) {
      if (body.type === 'start') port.emit({ type: 'instance.ready', instance: port.init.instance });
      if (body.type === 'input') insert(`input:${body.seq}`);
      if (body.type === 'message' && body.message.payload.kind === 'http.request') insert(body.message.id);
      if (body.type === 'message' && body.message.payload.kind === 'db.result')
        answer(asks.get(body.message.inReplyTo ?? '') ?? '', 201);
      if (body.type === 'refused') answer(asks.get(body.message) ?? '', 503);
    },
    timer: () => undefined,
    inspect: () => null,
  };
}

function database(port: ActorPort): Actor {
  const rows = new Map(port.init.stored.map((row) => [row.key, row.row as { n: number }]));
  return {
    receive(body) {
      if (body.type === 'start') port.emit({ type: 'instance.ready', instance: port.init.instance });
      if (body.type !== 'message' || body.message.payload.kind !== 'db.query') return;
      const key = `k${rows.size % 5}`;
      const before = rows.get(key) ?? null;
      const after = { n: rows.size + (before?.n ?? 0) };
      rows.set(`k${rows.size}`, after);
      rows.set(key, after);
      port.emit({ type: 'store.applied', store: port.init.node, table: 'orders', key, before, after });
      port.emit({
        type: 'store.applied',
        store: port.init.node,
        table: 'orders',
        key: `k${rows.size - 1}`,
        before: null,
        after,
      });
      const { from, link: way, id } = body.message;
      const result = { ok: true as const, value: null };
      port.send({
        to: from,
        link: way,
        operation: 'result',
        inReplyTo: id,
        trace: null,
        payload: { kind: 'db.result', result },
      });
    },
    timer: () => undefined,
    inspect: () => [...rows.keys()],
  };
}

export const fakeFactories = (kind: NodeKind): ActorFactory =>
  kind === 'client' ? client : kind === 'database' ? database : service;

/** "Workers" in this thread behind real message ports: what a test may break on purpose. */
export interface FakeWorker {
  name: string;
  instance: string | null;
  isTerminated: boolean;
  fail(reason: string): void;
  /** From now on it never answers. */
  hang(): void;
}

export function fakeSpawn(made: FakeWorker[], factories = fakeFactories): SpawnWorker {
  return (name, events) => {
    const { port1, port2 } = new MessageChannel();
    let isHung = false;
    const worker: FakeWorker = {
      name,
      instance: null,
      isTerminated: false,
      fail: (reason) => events.failed(reason),
      hang: () => void (isHung = true),
    };
    made.push(worker);
    const tell = (notice: InstanceNotice): void => {
      if (!worker.isTerminated) setTimeout(() => events.notice(notice));
    };
    const host = createInstanceHost(
      createInstanceRunner(factories),
      tell,
      (instance) => void (worker.instance = instance),
    );
    const endpoint = port1 as unknown as Endpoint;
    serve<InstanceWorkerApi>(host, endpoint, (reason) => tell({ notice: 'crashed', reason: reasonOf(reason) }));
    serveWindows((window, hint) => (isHung ? new Promise(() => undefined) : host.deliver(window, hint)), endpoint);
    const handle: WorkerHandle = {
      endpoint: port2 as unknown as Endpoint,
      terminate() {
        worker.isTerminated = true;
        port1.close();
        port2.close();
      },
    };
    return handle;
  };
}
