import type { Json } from '../../../base/json.ts';
import { uuid } from '../../../base/random.ts';
import { injectedStatus } from '../../../fabric/faults.ts';
import type { InstanceId, Message, Payload, TraceContext } from '../../../fabric/message.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../../fabric/protocol.ts';
import { headerOf } from '../../../http/headers.ts';
import { extractTrace } from '../../../http/trace-context.ts';
import type { ConfigOf, Route } from '../../../topology/schema/types.ts';
import { ActiveChecks } from '../../caller/active-checks.ts';
import { GrpcStreams } from '../../caller/grpc-streams.ts';
import type { PolicyCaller } from '../../caller/policy-caller.ts';
import type { Resolution } from '../../caller/resolve.ts';
import { Upstreams } from '../../caller/upstreams.ts';
import { clientAddress } from '../client-address.ts';
import type { Asking } from '../exchange.ts';
import type { Router } from '../routing/route-decision.ts';
import { createRouter } from '../routing/routing.ts';
import { forwardRpc } from './forward-rpc.ts';
import { GrpcAnswer } from './grpc-answer.ts';
import { OVER_GRPC } from './grpc-checks.ts';

type Request = Extract<Payload, { kind: 'grpc.request' }>;
/** What the gateway lends: everything that gRPC shares with HTTP. */
export interface GrpcProxyParts {
  port: ActorPort;
  policies: PolicyCaller;
  config(): ConfigOf<'gateway'>;
  isReady(): boolean;
  /** Id of the SERVER span of a request with this context. */
  serverSpan(incoming: TraceContext | null, traceId: string): string;
  /** Authentication and limits: calls `next`, or refuses. */
  admit(asking: Asking, next: () => void): void;
  begun(): void;
  over(): void;
}
interface Active {
  answer: GrpcAnswer;
  from: InstanceId;
  /** The call below; null as long as nothing was forwarded. */
  below: { cancel(reason: string): void } | null;
}

/** Nodes that routes over gRPC forward to. */
const upstreamsOf = ({ routes }: ConfigOf<'gateway'>): Set<string> =>
  new Set(
    routes.flatMap(({ protocol, action }) =>
      protocol === 'grpc' && action.kind === 'forward' ? [action.to, ...(action.split ?? []).map(({ to }) => to)] : [],
    ),
  );

/** The gRPC of one gateway: routes rpcs as the Gateway API's GRPCRoute does (GW18) and passes their bytes on, in both directions, as Envoy does. */
export class GrpcProxy {
  private readonly parts: GrpcProxyParts;
  private readonly upstreams: Upstreams;
  private readonly streams: GrpcStreams;
  private readonly checks: ActiveChecks;
  /** By the message that began them. */
  private readonly calls = new Map<string, Active>();
  /** Nodes whose lists were asked for; their numbers follow from their places. */
  private readonly lists: string[] = [];
  private peers: readonly Peer[];
  private isWatching = false;
  private routing: { config: ConfigOf<'gateway'>; router: Router } | null = null;

  constructor(parts: GrpcProxyParts) {
    const { port } = parts;
    this.parts = parts;
    this.peers = port.init.peers;
    this.upstreams = new Upstreams(port, () => parts.config(), 'grpc');
    this.streams = new GrpcStreams(port, this.upstreams, (call, resolution) => this.listed(call, resolution));
    const checked = {
      policy: () => parts.config().healthChecks,
      targets: () => this.targets(),
      resolve: (target: Peer) => this.streams.list(this.listCall(target.node), target),
      result: (...args: Parameters<Upstreams['checked']>) => this.upstreams.checked(...args),
      ended: (node: string, instance: InstanceId) => this.upstreams.unchecked(node, instance),
    };
    this.checks = new ActiveChecks(port, checked, OVER_GRPC);
  }

  /** Begins to check the instances behind routes over gRPC, if the policy says so. */
  watchHealth(): void {
    this.isWatching = true;
    this.checks.begin();
  }

  /** True when the delivery was its alone. Every delivery must be shown. */
  handles(body: DeliveryBody): boolean {
    if (body.type === 'message' && this.checks.message(body.message)) return true;
    if (body.type === 'refused' && this.checks.refused(body)) return true;
    if (body.type === 'peer.down') this.checks.broken(body.instance);
    const isMine = this.streams.handles(body);
    if (body.type === 'peer.down') this.callerDown(body.instance);
    if (body.type === 'reconfigure') this.reconfigure(body.peers);
    return isMine;
  }

  timer(token: Json): boolean {
    return this.upstreams.timer(token) || this.checks.timer(token) || this.streams.timer(token);
  }

  /** One rpc of a caller, from its request to its status. */
  request(message: Message, payload: Request): void {
    const { port } = this.parts;
    const incoming = message.trace ?? extractTrace(payload.metadata);
    const traceId = incoming?.traceId ?? port.hexId('trace', 32, message.id);
    const spanId = this.parts.serverSpan(incoming, traceId);
    const trace: TraceContext = { ...incoming, traceId, spanId };
    const config = this.parts.config();
    const given = config.requestId === 'replace' ? null : headerOf(payload.metadata, 'x-request-id');
    const requestId = given ?? uuid(port.init.seed, 'request-id', spanId);
    const deadline = payload.timeoutUs === null ? null : port.now() + payload.timeoutUs;
    const answer = new GrpcAnswer({
      port,
      rpc: payload.path.slice(1),
      trace,
      requestId,
      origin: { to: message.from, link: message.link, inReplyTo: message.id },
      deadline,
      onOver: () => {
        this.calls.delete(message.id);
        this.parts.over();
      },
    });
    const decision = this.router(config)({ method: 'POST', target: payload.path, headers: payload.metadata });
    const active: Active = { answer, from: message.from, below: null };
    this.calls.set(message.id, active);
    this.parts.begun();
    answer.begin(incoming?.spanId ?? null, decision.kind === 'route' ? decision.route : null);
    const { name } = port.init.record;
    const injected = injectedStatus(port, spanId);
    if (injected !== null) {
      const detail = `${name} answers ${injected} by fault`;
      return answer.refuse({ status: injected, code: 'injected', detail, flag: 'FI' });
    }
    if (!this.parts.isReady()) return answer.refuse({ status: 503, code: 'not_ready', detail: `${name} is starting` });
    if (decision.kind !== 'route')
      return answer.refuse({ status: 404, code: 'no_route', detail: `no route for ${payload.path}` });
    const asking = this.asking(message, payload, { answer, trace, requestId, deadline, route: decision.route, config });
    this.parts.admit(asking, () => {
      if (!answer.isOver) active.below = forwardRpc({ ...this.parts, streams: this.streams }, asking, payload, answer);
    });
  }

  /** The caller reset the stream that it began with this message. */
  cancel(request: string): void {
    this.giveUp(this.calls.get(request), 'the caller cancelled the call');
  }

  private asking(
    { from, fromAddress }: Message,
    { path, metadata }: Request,
    known: Pick<Asking, 'trace' | 'requestId' | 'config' | 'route'> & { answer: GrpcAnswer; deadline: number | null },
  ): Asking {
    const { port } = this.parts;
    const { answer, deadline, config, route, trace, requestId } = known;
    const host = `${port.init.record.name}:${config.grpc?.port ?? config.port}`;
    const ownUs = Math.max(1, Math.round((route.timeoutMs ?? config.timeoutMs) * 1000));
    return {
      port,
      config,
      request: { method: 'POST', path, headers: { host, ...metadata }, body: null },
      clientAddress: clientAddress(port.init.peers, from, fromAddress ?? null),
      route,
      consumer: null,
      trace,
      requestId,
      deadline: Math.min(port.now() + ownUs, deadline ?? Infinity),
      attributes: answer.attributes,
      headers: answer.headers,
      refuse: (problem) => answer.refuse(problem),
    };
  }

  private giveUp(active: Active | undefined, reason: string): void {
    active?.below?.cancel(reason);
    active?.answer.giveUp(reason);
  }

  private callerDown(instance: InstanceId): void {
    for (const active of this.calls.values())
      if (active.from === instance) this.giveUp(active, `the connection of ${instance} is gone`);
  }

  private router(config: ConfigOf<'gateway'>): Router {
    if (this.routing?.config !== config) {
      const routes = config.routes.filter(({ protocol }: Route) => protocol === 'grpc');
      this.routing = { config, router: createRouter({ routes }) };
    }
    return this.routing.router;
  }

  private targets(): Peer[] {
    const nodes = this.isWatching ? upstreamsOf(this.parts.config()) : new Set();
    return this.peers.filter(
      (peer) =>
        peer.kind === 'grpc' && peer.direction === 'out' && nodes.has(peer.node) && this.streams.canResolve(peer),
    );
  }

  private listCall(node: string): number {
    const at = this.lists.indexOf(node);
    return at >= 0 ? -1 - at : -this.lists.push(node);
  }

  private listed(call: number, resolution: Resolution): void {
    const node = this.lists[-1 - call];
    // A registry that cannot be asked says nothing about instances.
    if (node !== undefined && resolution.ok) this.checks.listed(node, resolution.instances);
  }

  private reconfigure(peers: readonly Peer[]): void {
    const before = new Map(this.peers.flatMap((peer) => peer.instances.map((one) => [one.instance, one.address])));
    const moved = peers
      .flatMap((peer) => peer.instances)
      .filter(({ instance, address }) => (before.get(instance) ?? address) !== address)
      .map(({ instance }) => instance);
    this.peers = peers;
    this.streams.admit(this.upstreams.reconfigured(moved));
    if (this.isWatching) this.checks.begin(moved);
  }
}
