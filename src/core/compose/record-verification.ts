import type { Json } from '../base/json.ts';
import { eventId } from '../base/order.ts';
import { random } from '../base/random.ts';
import type { EventOf, LogEvent } from '../fabric/event.ts';
import type { Input } from '../fabric/input.ts';
import { EDGE, nodeOf } from '../fabric/message.ts';
import type { RunDefinition } from '../fabric/run-api.ts';
import type { StoredRow } from '../storage/types.ts';
import { canonicalTrace } from '../telemetry/canonical-trace.ts';
import { compileTopology } from '../topology/compile.ts';
import { sortedEntries } from '../topology/sorted.ts';
import type { Document, ExecutableTopology } from '../topology/schema/types.ts';
import type { RecordedRequest, Recording } from './verification.ts';

/** First request, and the pause between two: long enough for a saga to end, so that one request never meets another. µs */
const FIRST_AT_US = 2_000_000;
const GAP_US = 5_000_000;

interface RecordingPlan {
  definition: RunDefinition;
  /** When the last request has surely ended, µs. */
  until: number;
}

/** The same topology with clients that send nothing by themselves. */
function withoutLoad(topology: ExecutableTopology): ExecutableTopology {
  const nodes = sortedEntries(topology.nodes).map(([id, node]): [string, ExecutableTopology['nodes'][string]] => {
    if (node.kind !== 'client') return [id, node];
    return [
      id,
      { ...node, config: { ...node.config, load: { model: 'open', ratePerSecond: 0, arrival: 'constant' } } },
    ];
  });
  return { ...topology, nodes: Object.fromEntries(nodes) };
}

/** Requests of all clients with their weights; those that are only sent by hand count when there are no others. */
function mixOf(document: Document): { node: string; requestId: string; weight: number }[] {
  const all = sortedEntries(document.nodes).flatMap(([node, record]) =>
    record.kind === 'client'
      ? record.config.requests.map((request) => ({ node, requestId: request.id, weight: request.weight }))
      : [],
  );
  const weighted = all.filter((one) => one.weight > 0);
  return weighted.length > 0 ? weighted : all.map((one) => ({ ...one, weight: 1 }));
}

/**
 * A run of `count` requests one after the other, drawn from the clients' mixes by the document's seed; every second one is
 * the request of the primary button, when there is one. Empty for a drawing without clients. `first` numbers the requests:
 * another number gives other traces.
 */
function planRecording(document: Document, count: number, first = 0): RecordingPlan {
  const mix = mixOf(document);
  const total = mix.reduce((sum, one) => sum + one.weight, 0);
  const primary = document.demo?.primary;
  const inputs: Input[] = [];
  for (let n = 0; n < count && mix.length > 0; n++) {
    const seq = first + n;
    let left = random(document.seed, 'verify', seq) * total;
    const drawn = mix.find((one) => (left -= one.weight) < 0) ?? mix[0];
    const pick = primary && seq % 2 === 0 ? { node: primary.client, requestId: primary.request } : drawn;
    if (!pick) continue;
    inputs.push({
      at: FIRST_AT_US + n * GAP_US,
      seq,
      body: { kind: 'request', node: pick.node, requestId: pick.requestId },
    });
  }
  const topology = withoutLoad(compileTopology(document));
  const definition = { documentId: document.id, topology, initialData: null, seed: document.seed, inputs };
  return { definition, until: FIRST_AT_US + count * GAP_US };
}

type Sent = EventOf<'message.sent'>;

/** What answered a request: its reply, or over gRPC its status and the messages before. */
interface Answered {
  end: Sent['payload'];
  messages: string[];
}

/** A request as it is replayed; null for a payload that is none. */
function requestOf(payload: Sent['payload']): Pick<RecordedRequest, 'request' | 'rpc'> | null {
  if (payload.kind === 'http.request') {
    const { method, path, headers, body } = payload;
    return { request: { method, path, headers, body } };
  }
  if (payload.kind !== 'grpc.request') return null;
  const { path, metadata, json, bytes, timeoutUs } = payload;
  return { request: { method: 'POST', path, headers: metadata, body: json }, rpc: { bytes, timeoutUs } };
}

function replyOf({ end, messages }: Answered): RecordedRequest['reply'] | null {
  if (end.kind === 'http.reply') return { status: end.status, body: end.body };
  if (end.kind !== 'grpc.reply') return null;
  const all = end.json === null ? messages : [...messages, end.json];
  return { status: end.status, body: `[${all.join(',')}]` };
}

/** What a run shows from outside: each answered request of a client or the edge, its canonical trace, and the rows left at the end. */
function recordingOf(document: Document, events: readonly LogEvent[], rows: Record<string, StoredRow[]>): Recording {
  const traces = new Map(canonicalTrace(events, document).map((trace) => [trace.traceId, trace]));
  const replies = new Map<string, Answered>();
  const streams = new Map<string, string[]>();
  const requests: Sent[] = [];
  for (const event of events) {
    if (event.type !== 'message.sent') continue;
    const { payload, inReplyTo } = event;
    const isFromOutside = event.from === EDGE || document.nodes[nodeOf(event.from)]?.kind === 'client';
    if (isFromOutside && requestOf(payload) !== null) requests.push(event);
    if (inReplyTo === null) continue;
    const messages = streams.get(inReplyTo) ?? [];
    if (payload.kind === 'grpc.message') streams.set(inReplyTo, [...messages, payload.json]);
    if (payload.kind === 'http.reply' || payload.kind === 'grpc.reply')
      replies.set(inReplyTo, { end: payload, messages });
  }
  const recorded = requests.flatMap((sent, index): RecordedRequest[] => {
    const answered = replies.get(eventId(sent));
    const request = requestOf(sent.payload);
    const reply = answered === undefined ? null : replyOf(answered);
    const { trace } = sent;
    // Without an answer or a trace there is nothing that containers could be compared with.
    if (request === null || reply === null || trace === null) return [];
    return [
      {
        id: `${index + 1} ${sent.operation}`,
        entry: nodeOf(sent.to),
        traceId: trace.traceId,
        spanId: trace.spanId,
        ...request,
        reply,
        trace: (traces.get(trace.traceId) ?? { traceId: trace.traceId, services: {} }) as unknown as Json,
      },
    ];
  });
  return { v: 1, requests: recorded, rows };
}

/** What is left of a run at its end. */
interface Ran {
  events: readonly LogEvent[];
  stored(store: string): StoredRow[];
}

function readRun(document: Document, ran: Ran): Recording {
  const stores = sortedEntries(document.nodes).filter(([, node]) => node.kind === 'database');
  const rows = stores.map(([id]): [string, StoredRow[]] => [id, ran.stored(id)]);
  return recordingOf(document, ran.events, Object.fromEntries(rows));
}

/** Plans, runs and reads `count` requests for `exportCompose`; null when there is nothing to send (no clients, or count 0). `run` takes a definition to a time in µs: `runVirtual` of the virtual host. */
export function recordVerification(
  document: Document,
  count: number,
  run: (definition: RunDefinition, until: number) => Ran,
  first = 0,
): Recording | null {
  const plan = planRecording(document, count, first);
  return plan.definition.inputs.length === 0 ? null : readRun(document, run(plan.definition, plan.until));
}

/** `recordVerification` by a host that has to be waited for: documents whose services sign tokens. */
export async function recordVerificationAsync(
  document: Document,
  count: number,
  run: (definition: RunDefinition, until: number) => Promise<Ran>,
): Promise<Recording | null> {
  const plan = planRecording(document, count);
  return plan.definition.inputs.length === 0 ? null : readRun(document, await run(plan.definition, plan.until));
}
