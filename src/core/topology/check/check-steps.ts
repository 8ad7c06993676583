import type { Check } from './check.ts';
import { checkGrpcCall } from './check-grpc.ts';
import { condition, expressions, storeOf, type Handler, type Scoped, type StepOf } from './check-handler.ts';
import { checkPolicy } from './check-policy.ts';
import { checkTableStep } from './check-table-steps.ts';
import { placedSteps } from '../steps.ts';
import type { Step } from '../schema/types.ts';

const BUILT_IN = ['config', 'node', 'trace', 'error'];

/** Checks the steps of one endpoint or subscription; `input` is `request` or `message`. */
export function checkSteps(
  check: Check,
  service: string,
  steps: readonly Step[],
  input: 'request' | 'message',
  at: string,
): void {
  const stores = check.links
    .filter(([, link]) => link.kind === 'owns' && link.from.node === service)
    .map(([, link]) => link.to.node);
  const names = new Set([...BUILT_IN, input]);
  collectNames(steps, names);
  walk({ check, service, stores, names, ids: new Set() }, steps, `${at}/steps`, null);
}

function collectNames(steps: readonly Step[], names: Set<string>): void {
  for (const step of steps) {
    if ('as' in step && step.as !== undefined) names.add(step.as);
    if (step.do === 'each') names.add(step.item);
    for (const [list] of placedSteps(step)) collectNames(list, names);
  }
}

function walk(handler: Handler, steps: readonly Step[], at: string, transaction: Scoped['transaction']): void {
  steps.forEach((step, index) => {
    const place = `${at}/${index}`;
    if (handler.ids.has(step.id)) handler.check.error('STEP_DUPLICATE', `${place}/id`, { step: step.id });
    handler.ids.add(step.id);
    checkStep({ ...handler, transaction }, step, place);
    for (const [list, where] of placedSteps(step))
      walk(handler, list, `${place}/${where}`, step.do === 'transaction' ? { store: step.store } : transaction);
  });
}

function checkStep(handler: Scoped, step: Step, at: string): void {
  switch (step.do) {
    case 'insert':
    case 'get':
    case 'find':
    case 'update':
    case 'delete':
      return checkTableStep(handler, step, at);
    case 'call':
      return checkCall(handler, step, at);
    case 'publish':
      return checkPublish(handler, step, at);
    case 'transaction':
      if (handler.transaction) handler.check.error('TRANSACTION_NESTED', at, {});
      storeOf(handler, step.store, at);
      return;
    case 'choose':
      return step.when.forEach((branch, index) => condition(handler, branch.if, `${at}/when/${index}/if`));
    case 'each':
      return condition(handler, step.in, `${at}/in`);
    case 'parallel':
      return handler.check.unique(
        step.branches.map((branch) => branch.id),
        'BRANCH_DUPLICATE',
        (index) => `${at}/branches/${index}/id`,
      );
    case 'try':
      return;
    case 'wait':
      return typeof step.ms === 'string' ? condition(handler, step.ms, `${at}/ms`) : undefined;
    case 'set':
      return expressions(handler, step.value, `${at}/value`);
    case 'token':
    case 'jwks':
      return checkTokenStep(handler, step, at);
    case 'respond':
      if (typeof step.status === 'string') condition(handler, step.status, `${at}/status`);
      expressions(handler, step.headers, `${at}/headers`);
      return expressions(handler, step.body, `${at}/body`);
    case 'send':
      return expressions(handler, step.body, `${at}/body`);
    case 'fail':
      return expressions(handler, step.message, `${at}/message`);
    case 'log':
      return expressions(handler, step.text, `${at}/text`);
  }
}

function checkCall(handler: Handler, step: StepOf<'call'>, at: string): void {
  const { check, service } = handler;
  const { params, query, headers, body } = step.input;
  for (const [value, where] of [
    [params, 'params'],
    [query, 'query'],
    [headers, 'headers'],
    [body, 'body'],
  ] as const)
    expressions(handler, value, `${at}/input/${where}`);
  expressions(handler, step.policy?.fallback, `${at}/policy/fallback`);
  if (check.nodeOf(step.to, 'gateway') !== undefined) {
    if (step.policy !== undefined) checkPolicy(check, step.policy, { timeoutMs: step.timeoutMs }, `${at}/policy`);
    return checkGrpcCall(check, service, step, at);
  }
  const callee = check.nodeOf(step.to, 'service');
  if (callee === undefined) return check.error('NODE_UNKNOWN.service', `${at}/to`, { node: step.to });
  const endpoint = callee.config.endpoints.find((candidate) => candidate.id === step.endpoint);
  const { timeoutMs, policy } = step;
  const use = { timeoutMs, ...(endpoint === undefined ? {} : { method: endpoint.method }) };
  if (policy !== undefined) checkPolicy(check, policy, use, `${at}/policy`);
  if (callee.config.grpc?.methods.some((method) => method.id === step.endpoint) === true)
    return checkGrpcCall(check, service, step, at);
  if (!check.linked('http', service, step.to))
    check.error('CALL_NOT_LINKED', `${at}/to`, { from: service, to: step.to });
  if (endpoint === undefined)
    return check.error('ENDPOINT_UNKNOWN', `${at}/endpoint`, {
      service: step.to,
      endpoint: step.endpoint,
      known: callee.config.endpoints.map((candidate) => candidate.id).join(', ') || '–',
    });
  for (const [, name = ''] of endpoint.path.matchAll(/\{([^}]*)\}/g)) {
    if (!Object.hasOwn(params ?? {}, name))
      check.error('PARAM_MISSING', `${at}/input/params`, { path: endpoint.path, endpoint: step.endpoint, name });
  }
}

function checkTokenStep(handler: Handler, step: StepOf<'token' | 'jwks'>, at: string): void {
  const { check, service } = handler;
  if (check.nodeOf(service, 'service')?.config.tokens === undefined) check.error('TOKENS_MISSING', at, { service });
  if (step.do === 'jwks') return;
  expressions(handler, step.subject, `${at}/subject`);
  expressions(handler, step.audience, `${at}/audience`);
  if (typeof step.scopes === 'string') condition(handler, step.scopes, `${at}/scopes`);
  else expressions(handler, step.scopes, `${at}/scopes`);
  expressions(handler, step.claims, `${at}/claims`);
}

function checkPublish(handler: Handler, step: StepOf<'publish'>, at: string): void {
  const { check, service } = handler;
  expressions(handler, step.key, `${at}/key`);
  expressions(handler, step.body, `${at}/body`);
  if (check.nodeOf(step.to, 'broker') === undefined) check.error('NODE_UNKNOWN.broker', `${at}/to`, { node: step.to });
  else if (!check.linked('publish', service, step.to))
    check.error('PUBLISH_NOT_LINKED', `${at}/to`, { from: service, to: step.to });
  if (step.via === 'outbox') storeOf(handler, undefined, at);
}
