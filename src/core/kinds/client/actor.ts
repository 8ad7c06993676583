import { canonicalize, sortedKeys } from '../../base/canonical.ts';
import { isoTime } from '../../base/iso-time.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { random, uuid } from '../../base/random.ts';
import { assert } from '../../base/result.ts';
import { TemplateCache } from '../../behaviour/compiled.ts';
import { wallUs } from '../../fabric/faults.ts';
import type { HttpRequest } from '../../fabric/message.ts';
import type { Actor, ActorFactory, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { extractTrace } from '../../http/trace-context.ts';
import type { ClientRequest, ConfigOf } from '../../topology/schema/types.ts';
import { createCaller, type CallResult } from '../caller/http-caller.ts';
import { tracedCall } from '../caller/traced-call.ts';
import { START_DELAY_US } from '../infrastructure.ts';
import { createGrpc, needsGrpc, type GrpcSide } from '../service/grpc-slot.ts';
import { callOverGrpc } from './grpc-request.ts';
import { Login, readsLogin } from './login.ts';
import { arrivalGapUs, pickRequest } from './load.ts';
import { Users } from './users.ts';

const configOf = ({ init: { record } }: ActorPort): ConfigOf<'client'> => {
  assert(record.kind === 'client', `a client instance got a ${record.kind} record`);
  return record.config;
};
type Input = Extract<DeliveryBody, { type: 'input' }>;

/** Text of a body: JSON unless the request's content type says otherwise. */
function bodyText(body: Json | undefined, headers: Record<string, string>): string | null {
  if (body === undefined || body === null) return null;
  const type = headers['content-type'] ?? 'application/json';
  return typeof body === 'string' && !type.includes('json') ? body : canonicalize(body);
}

/**
 * A source of traffic. Open load: its n-th arrival, choice and values depend only on (seed, node, start, n), never on what comes back.
 * Closed load: the n-th choice and values of a user do, its time follows from the answers.
 */
class ClientActor implements Actor {
  private readonly port: ActorPort;
  private readonly caller;
  private readonly users: Users;
  private templates = new TemplateCache();
  private load = '';
  private arrival: number | null = null;
  private arrivals = 0;
  private ready = false;
  private readonly login: Login;
  private logins = 0;
  private grpcSide: GrpcSide | null = null;

  constructor(port: ActorPort) {
    this.port = port;
    this.caller = createCaller(port);
    this.users = new Users(port, (user, turn, done) => this.turnOf(user, turn, done));
    this.login = new Login(port, (done) => this.sendLogin(done));
  }

  /** Where no link speaks gRPC it may not be there. */
  private get grpc(): GrpcSide | null {
    const { record, peers } = this.port.init;
    if (this.grpcSide === null && needsGrpc(record, peers)) this.grpcSide = createGrpc(this.port);
    return this.grpcSide;
  }

  receive(body: DeliveryBody): void {
    const isGrpc = this.grpc?.handles(body) === true;
    if (this.caller.handles(body) || isGrpc) return;
    if (body.type === 'start') this.port.after(START_DELAY_US, { ready: true });
    else if (body.type === 'input') this.byHand(body);
    else if (body.type === 'reconfigure') {
      this.templates = new TemplateCache();
      this.login.forget();
      if (this.ready) this.plan();
    } else if (body.type === 'drain') this.port.stop('drained');
  }

  timer(token: Json): void {
    if (this.caller.timer(token) || this.users.timer(token) || this.grpc?.timer(token) === true) return;
    if (!isObject(token)) return;
    if (token['ready'] === true) {
      this.ready = true;
      this.port.emit({ type: 'instance.ready', instance: this.port.init.instance });
      this.plan();
    } else if (token['arrival'] === this.arrivals) this.arrive();
  }

  inspect(): Json {
    return { arrivals: this.arrivals, pending: this.caller.pending() };
  }

  /** (Re)plans the next arrival when the load is new; traffic never begins before t = 0. */
  private plan(): void {
    const load = canonicalize(configOf(this.port).load as unknown as Json);
    if (load === this.load) return;
    this.load = load;
    const untilStart = Math.max(0, -this.port.now());
    const config = configOf(this.port).load;
    this.next(untilStart);
    this.users.begin(config.model === 'closed' ? config : null, untilStart);
  }

  private next(extraUs = 0): void {
    if (this.arrival !== null) this.port.cancel(this.arrival);
    const { node, incarnation } = this.port.init;
    const u = this.port.random('arrival', node, incarnation, this.arrivals);
    const gap = arrivalGapUs(configOf(this.port).load, u);
    this.arrival = gap === null ? null : this.port.after(extraUs + gap, { arrival: this.arrivals });
  }

  private arrive(): void {
    const n = this.arrivals;
    this.arrivals += 1;
    const { node, incarnation } = this.port.init;
    const request = pickRequest(configOf(this.port).requests, this.port.random('mix', node, incarnation, n));
    if (request !== null) this.send(request, this.port.hexId('trace', 32, 'arrival', n));
    this.next();
  }

  private turnOf(user: number, turn: number, done: () => void): boolean {
    const { node, incarnation } = this.port.init;
    const request = pickRequest(configOf(this.port).requests, this.port.random('mix', node, incarnation, user, turn));
    return request !== null && this.send(request, this.port.hexId('trace', 32, 'user', user, turn), done);
  }

  private byHand({ seq, input }: Input): void {
    const traceId = this.port.hexId('trace', 32, 'input', seq);
    const { requests } = configOf(this.port);
    const known = requests.find(({ id }) => id === input.requestId);
    const linked = this.port.init.peers.find(({ kind, direction }) => kind === 'http' && direction === 'out')?.node;
    const to = known?.to ?? linked;
    if (input.request !== undefined && to !== undefined)
      this.call({ to, request: input.request, protocol: known?.protocol }, traceId, {});
    else if (known !== undefined) this.send(known, traceId);
    else this.complain(`no request ${input.requestId ?? ''} to send`);
  }

  private complain(text: string): void {
    this.port.emit({ type: 'log', severity: 'ERROR', text, traceId: null, spanId: null });
  }

  /** Sends a request, after the login when it reads that one's answer. False when nothing was sent nor will be; `done` is told of the end of what is. */
  private send(request: ClientRequest, traceId: string, done?: () => void): boolean {
    if (!readsLogin(this.templates, request)) return this.sendNow(request, traceId, {}, done);
    let isSent: boolean | null = null;
    let isLater = false;
    this.login.before((outcome) => {
      const sent =
        outcome.ok &&
        this.sendNow(request, traceId, { login: outcome.reply }, (result) => {
          if (result.ok && result.reply.status === 401) this.login.forget();
          done?.();
        });
      if (!outcome.ok) this.complain(`Failed to send ${request.name}: ${outcome.why}`);
      if (isLater && !sent) done?.();
      isSent = sent;
    });
    isLater = true;
    return isSent ?? true;
  }

  /** The login that the configuration names; false when there is none or it cannot be made. */
  private sendLogin(done: (result: CallResult) => void): boolean {
    const { login, requests } = configOf(this.port);
    const request = requests.find(({ id }) => id === login);
    this.logins += 1;
    return request !== undefined && this.sendNow(request, this.port.hexId('trace', 32, 'login', this.logins), {}, done);
  }

  /** False when nothing was sent, because an expression failed. */
  private sendNow(
    request: ClientRequest,
    traceId: string,
    login: JsonObject,
    done?: (result: CallResult) => void,
  ): boolean {
    const made = this.evaluate(request, traceId, login);
    if (made === null) return false;
    const headers = { 'x-client-kind': configOf(this.port).clientKind, ...made.headers };
    const { to, protocol } = request;
    this.call({ to, request: { ...made, headers }, protocol }, traceId, { 'servarium.request': request.id }, done);
    return true;
  }

  /** The request with its templates filled in, or null when one failed (said in the log; nothing is sent). */
  private evaluate(request: ClientRequest, traceId: string, login: JsonObject): HttpRequest | null {
    const { init } = this.port;
    let counter = 0;
    const key = (): [string, string, string, number] => [traceId, init.node, request.id, (counter += 1)];
    const scope = { node: { id: init.node, name: init.record.name }, trace: { id: traceId }, ...login };
    const fill = (source: Json): Json | undefined => {
      const result = this.templates.of(source).evaluate(scope, {
        now: () => isoTime(wallUs(this.port)),
        random: () => random(init.seed, 'client', ...key()),
        uuid: () => uuid(init.seed, ...key()),
      });
      if (result.ok) return result.value;
      this.complain(`Failed to send ${request.name}: ${result.error.message}`);
      return undefined;
    };
    const path = fill(request.path);
    const headers: [string, string][] = [];
    for (const name of sortedKeys(request.headers ?? {})) {
      const value = fill(request.headers?.[name] ?? '');
      if (value === undefined) return null;
      headers.push([name.toLowerCase(), typeof value === 'string' ? value : canonicalize(value)]);
    }
    const body = request.body === undefined ? null : fill(request.body);
    if (path === undefined || body === undefined) return null;
    const sent = Object.fromEntries(headers);
    const text = bodyText(body, sent);
    if (text !== null) sent['content-type'] ??= 'application/json';
    return {
      method: request.method,
      path: typeof path === 'string' ? path : canonicalize(path),
      headers: sent,
      body: text,
    };
  }

  /** A request of someone's own words may bring its trace; else it is the root of a new one. */
  private call(
    { to, request, protocol }: { to: string; request: HttpRequest; protocol: 'grpc' | undefined },
    fresh: string,
    attributes: Record<string, Json>,
    done: (result: CallResult) => void = () => undefined,
  ): void {
    const brought = extractTrace(request.headers);
    const traceId = brought?.traceId ?? fresh;
    const options = {
      to,
      request,
      timeoutMs: configOf(this.port).timeoutMs,
      parentSpanId: brought?.spanId ?? null,
      // From the occasion, not from what was brought: the same text sent twice makes two spans.
      trace: { ...brought, traceId, spanId: this.port.hexId('client', 16, fresh) },
      attributes,
      onDone: done,
    };
    if (protocol === 'grpc') callOverGrpc(this.port, this.grpc, options);
    else tracedCall(this.port, this.caller, options);
  }
}

/** Makes the actor of a client node. */
export const clientActor: ActorFactory = (port) => new ClientActor(port);
