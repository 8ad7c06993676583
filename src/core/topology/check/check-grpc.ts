import { parseProto } from '../../grpc/parse-proto.ts';
import { rpcsOf, type Rpc } from '../../grpc/rpcs.ts';
import type { Check } from './check.ts';
import { checkRpc } from './check-grpc-routes.ts';
import { placedSteps } from '../steps.ts';
import type { ClientRequest, ConfigOf, GrpcMethod, GrpcService, Step } from '../schema/types.ts';

/** Steps that answer, which differ between a request, a unary method and a stream. */
export function checkAnswers(
  check: Check,
  steps: readonly Step[],
  at: string,
  mode: 'http' | 'message' | 'unary' | 'stream',
): void {
  steps.forEach((step, index) => {
    const place = `${at}/${index}`;
    if (step.do === 'send' && mode !== 'stream') check.error('SEND_NOT_STREAMING', place, {});
    if (step.do === 'respond' && mode === 'stream') check.error('RESPOND_IN_STREAM', place, {});
    if (step.do === 'respond' && mode === 'unary' && step.status !== 200)
      check.error('GRPC_STATUS', `${place}/status`, {});
    for (const [list, where] of placedSteps(step)) checkAnswers(check, list, `${place}/${where}`, mode);
  });
}

const responds = (steps: readonly Step[]): boolean =>
  steps.some((step) => step.do === 'respond' || placedSteps(step).some(([list]) => responds(list)));

function checkMethod(check: Check, method: GrpcMethod, rpcs: readonly Rpc[], at: string): void {
  const rpc = rpcs.find((candidate) => candidate.rpc === method.rpc);
  if (rpc === undefined)
    return check.error('RPC_UNKNOWN', `${at}/rpc`, {
      rpc: method.rpc,
      known: rpcs.map((known) => known.rpc).join(', ') || '-',
    });
  if (rpc.clientStreaming) check.notYet(`the stream of requests of "${method.rpc}"`, `${at}/rpc`);
  checkAnswers(check, method.steps, `${at}/steps`, rpc.serverStreaming ? 'stream' : 'unary');
  if (!rpc.serverStreaming && !responds(method.steps)) check.warn('RPC_UNANSWERED', `${at}/steps`, { rpc: method.rpc });
}

/** Checks what a service says about itself over gRPC: its proto, its methods against it, its port. Steps are checked like all others. */
export function checkGrpc(check: Check, config: ConfigOf<'service'>, grpc: GrpcService, at: string): void {
  if (grpc.port === config.port) check.error('PORT_DUPLICATE', `${at}/port`, { port: grpc.port });
  check.unique(
    grpc.methods.map((method) => method.rpc),
    'RPC_DUPLICATE',
    (index) => `${at}/methods/${index}/rpc`,
  );
  const file = parseProto(grpc.proto);
  if (!file.ok) {
    for (const { line, column, message } of file.error)
      check.error('PROTO_INVALID', `${at}/proto`, { line, column, reason: message });
    return;
  }
  const rpcs = rpcsOf(file.value);
  grpc.methods.forEach((method, index) => checkMethod(check, method, rpcs, `${at}/methods/${index}`));
}

/** Checks a request that a client sends over gRPC: its link, and that its path is an rpc of that service, or of one behind that gateway, which takes one message. */
export function checkGrpcRequest(check: Check, client: string, request: ClientRequest, at: string): void {
  const { to, path, method } = request;
  if (!check.linked('grpc', client, to))
    return check.error('REQUEST_NOT_LINKED.grpc', `${at}/to`, { from: client, to });
  if (method !== 'POST') check.error('GRPC_NOT_POST', `${at}/method`, { method });
  checkSentRpc(check, to, path.slice(1), `${at}/path`);
}

function checkSentRpc(check: Check, to: string, rpc: string, at: string): void {
  if (checkRpc(check, to, rpc, at)?.clientStreaming === true) check.notYet(`the stream of requests of "${rpc}"`, at);
}

/** Checks a call of a gRPC method, or of an rpc behind a gateway: its link, and that it carries a message and metadata only. */
export function checkGrpcCall(check: Check, service: string, step: Extract<Step, { do: 'call' }>, at: string): void {
  if (!check.linked('grpc', service, step.to))
    check.error('CALL_NOT_LINKED.grpc', `${at}/to`, { from: service, to: step.to, method: step.endpoint });
  for (const part of ['params', 'query'] as const)
    if (step.input[part] !== undefined) check.error('GRPC_INPUT', `${at}/input/${part}`, { part });
  if (check.nodeOf(step.to, 'gateway') !== undefined) checkSentRpc(check, step.to, step.endpoint, `${at}/endpoint`);
}
