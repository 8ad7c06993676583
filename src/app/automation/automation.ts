import type { Json } from '../../core/base/json.ts';
import type { VirtualTime } from '../../core/base/order.ts';
import { err, ok, type Problem, type Result } from '../../core/base/result.ts';
import type { Input, InputBody } from '../../core/fabric/input.ts';
import type { HttpReply, HttpRequest } from '../../core/fabric/message.ts';
import type { RunState } from '../../core/fabric/run-api.ts';
import type { StoredRow } from '../../core/storage/types.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { appProblem } from '../app-texts.ts';
import type { RunStore } from '../run/run-store.ts';
import { speedOf, startRun, type StartOptions } from '../run/start-run.ts';

/**
 * `window.servarium`: a small interface for lessons, embedding pages and end-to-end tests. It drives the same stores
 * and the same port as the buttons do; there is no other way in. All values are plain data; times are virtual µs.
 */
export interface Automation {
  /** Opens a document given as text or value and starts its run as the options say, if it can run; problems are those of an import. */
  load(document: unknown, options?: StartOptions): Promise<Result<Document>>;
  /** The document as it is open now. */
  document(): Document;
  /** Starts a new run of the open document; an open run is closed first. */
  start(options?: StartOptions): Promise<Result<RunState>>;
  /** Closes the run: rows are flushed, the edge answers 503 RUN_STOPPED. */
  stop(): Promise<void>;
  play(): Promise<void>;
  pause(): Promise<void>;
  /** To the end of the next instant that has events. */
  step(): Promise<void>;
  /** Virtual seconds per wall second, more than 0; anything else is refused with a RangeError. */
  setSpeed(speed: number | 'max'): Promise<void>;
  /** Shows the past without touching the run; null = live. LOG_LOST when the log does not reach back that far any more. */
  seek(t: VirtualTime | null): Promise<Result<null>>;
  /** Records an input: a request, a fault, a kill. INPUT_UNKNOWN, and nothing recorded, when its kind or what it names is not there. */
  inject(body: InputBody): Promise<Result<Input>>;
  /** A request from outside to a node, and its real reply. */
  send(node: string, request: HttpRequest): Promise<HttpReply>;
  state(): RunState;
  /** The projection that is shown (faces, queues, traces, tables), as plain data. */
  snapshot(): Json;
  /** NDJSON of the run so far, header first. */
  log(): Promise<string>;
  /** sha256 of the log so far, final before `until`: the command line gives the same for the same four things. */
  hash(): Promise<{ sha256: string; events: number; until: VirtualTime }>;
  inputs(): Promise<Input[]>;
  /** Rows of a store as IndexedDB has them, after a flush. */
  stored(node: string): Promise<StoredRow[]>;
}

export interface AutomationDeps {
  run: RunStore;
  document: () => Document;
  /** Opens a document in the editor, as an import does. */
  open: (document: unknown, options?: StartOptions) => Promise<Result<Document>>;
}

/** The automation interface over the application's own stores. */
export function createAutomation({ run, document, open }: AutomationDeps): Automation {
  const { port } = run;
  return {
    load: open,
    document,
    start: (options) => startRun(run, document(), options),
    stop: () => run.close(),
    play: () => run.play(),
    pause: () => run.pause(),
    step: () => run.step(),
    async setSpeed(speed) {
      const wanted = speedOf(speed);
      if (!(typeof wanted === 'number' && wanted > 0))
        throw new RangeError(`setSpeed: more than 0, or 'max' (${String(speed)})`);
      return run.setSpeed(wanted);
    },
    async seek(t) {
      if (t !== null) return run.seek(t);
      run.live();
      return ok(null);
    },
    async inject(body) {
      const strange = strangeInput(body, document());
      return strange ? err([strange]) : run.inject(body);
    },
    send: (node, request) => port.edge(node, request),
    state: () => run.get().state,
    snapshot: () => plain(run.get().view),
    log: () => port.log(),
    hash: () => port.hash(),
    inputs: () => port.inputs(),
    stored: (node) => port.stored(node),
  };
}

const KINDS: Record<InputBody['kind'], true> = {
  request: true,
  cancel: true,
  'fault.set': true,
  'fault.clear': true,
  'instance.kill': true,
  'instance.start': true,
  'instance.move': true,
  'topology.apply': true,
  'crash.observed': true,
  wipe: true,
};

/** A script is not type-checked: what no run could mean is told instead of recorded for every replay to come. */
function strangeInput(body: InputBody, { nodes, links }: Document): Problem | null {
  if (!Object.hasOwn(KINDS, body.kind)) return appProblem('INPUT_UNKNOWN.kind', '', { input: String(body.kind) });
  const unknown = namesOf(body).find((name) => !Object.hasOwn(nodes, name) && !Object.hasOwn(links, name));
  return unknown === undefined ? null : appProblem('INPUT_UNKNOWN.name', '', { input: body.kind, name: unknown });
}

/** Ids of the nodes and links that an input is about. */
function namesOf(body: InputBody): string[] {
  if ('fault' in body) {
    const { node, link } = body.fault as { node?: string; link?: string };
    return [node, link].filter((name) => name !== undefined);
  }
  if ('instance' in body) return [String(body.instance).split('#')[0] ?? ''];
  return 'node' in body ? [body.node] : [];
}

/** Maps become objects, so that the value survives JSON and structured clone without our types. */
function plain(value: unknown): Json {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]: [unknown, unknown]) => [String(key), plain(item)]));
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value === undefined ? null : (value as Json);
}
