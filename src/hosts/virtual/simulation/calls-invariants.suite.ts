import { checkSpans } from '../../../core/telemetry/spans.ts';
import { brokenCalls } from './calls-book.suite.ts';
import { brokenFaults } from './calls-faults.suite.ts';
import { healthOfHosts } from './calls-health.suite.ts';
import { blockingQueries } from './calls-queries.suite.ts';
import { brokenPassages } from './calls-passage.suite.ts';
import { brokenRpcs } from './calls-rpc-book.suite.ts';
import type { CallsRun } from './calls-run.suite.ts';
import { bucketBound, placesBound, probesOfBreakers, retryBudget, staleHosts } from './calls-policies.suite.ts';
import { jitterSpreads } from './calls-retries.suite.ts';
import { timeRuns } from './invariants.suite.ts';

type Invariant = (run: CallsRun) => string[];

/** What holds in every run of the small system, whatever was done to it. A new invariant is one function and one line here. */
const INVARIANTS: Record<string, Invariant> = {
  'I3 a half-open breaker lets k probes through': probesOfBreakers,
  'I4 a token bucket gives no more than it holds and gets': bucketBound,
  'I5 retries keep to their budget': retryBudget,
  'GW9 retries are spread by full jitter': jitterSpreads,
  'I8 no request to a host that the callers list does not have': staleHosts,
  'SR3 a blocking query is answered in time, and by a change': blockingQueries,
  'GW12 checks decide who is used': healthOfHosts,
  'I9 spans form valid trees': ({ events }) => checkSpans(events),
  'I10 requests are answered, refused, lost, or died with their instance; I11 no deadline is extended': brokenCalls,
  'RP1 RP2 calls over gRPC end once and in time': brokenRpcs,
  'GW19 GW21 rpcs pass the gateway as they are': brokenPassages,
  'I13 virtual time runs': ({ events }) => timeRuns(events),
  'places are kept': placesBound,
  'faults do what they say': brokenFaults,
  'after the healing everybody is back and answers': atRest,
};

/** All broken invariants in words; empty when the run is sound. */
export function brokenInvariantsOf(run: CallsRun): string[] {
  return Object.keys(INVARIANTS).flatMap((name) =>
    (INVARIANTS[name] as Invariant)(run).map((problem) => `${name}: ${problem}`),
  );
}

/** Broken invariants of breakers, budgets and pauses alone: what a crowd strains. */
export const brokenPoliciesOf = (run: CallsRun): string[] =>
  [probesOfBreakers, bucketBound, retryBudget, jitterSpreads].flatMap((invariant) => invariant(run));

const CLIENTS = new Set(['web#0', 'app#0']);
const DECLARED = ['web#0', 'gateway#0', 'consul#0', 'orders#0', 'orders#1', 'stock#0', 'stock#1', 'users#0'];
const DECLARED_RPC = ['app#0', 'prices#0', 'prices#1'];

/** Who sent a message, from its id. */
const nodeless = (message: string): string => message.slice(0, message.lastIndexOf(':'));

/** Liveness: what the drawing declares runs, is ready and registered, nothing stands still, and requests by hand get 200. */
function atRest({ events, run, features, askedAt }: CallsRun): string[] {
  const problems: string[] = [];
  const states = new Map<string, string>();
  const registered = new Map<string, string>();
  const expires = new Map<string, number>();
  /** Who could not say that it leaves. */
  const unregistered = new Set<string>();
  const asked = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'instance.starting' || event.type === 'instance.ready' || event.type === 'instance.stopped')
      states.set(event.instance, event.type);
    else if (event.type === 'instance.crashed' || event.type === 'instance.paused')
      states.set(event.instance, event.type);
    else if (event.type === 'instance.resumed') states.set(event.instance, 'instance.ready');
    else if (event.type === 'registry.changed') {
      registered.set(event.instance, event.status);
      if (event.t < askedAt) expires.set(event.instance, event.expiresAt ?? 0);
    }
    if (event.type === 'instance.crashed') unregistered.add(event.instance);
    if (event.type === 'message.refused' && event.to === 'consul#0') unregistered.add(nodeless(event.message));
    if (event.type === 'message.sent' && event.fate !== 'deliver' && event.to === 'consul#0')
      unregistered.add(event.from);
    if (event.t < askedAt || !CLIENTS.has(event.source)) continue;
    if (event.type === 'span.started') asked.set(event.spanId, 'no answer');
    if (event.type === 'span.ended' && asked.has(event.spanId))
      asked.set(event.spanId, event.status === 'unset' ? 'ok' : (event.description ?? event.status));
  }
  const alive = run.fabric.instances;
  const declared = features.grpc ? [...DECLARED, ...DECLARED_RPC] : DECLARED;
  for (const instance of declared) {
    if (!alive.includes(instance)) problems.push(`${instance} does not run`);
    else if (states.get(instance) !== 'instance.ready') problems.push(`${instance} is ${states.get(instance)}`);
    if (/^(orders|stock|users|prices)#/.test(instance) && registered.get(instance) !== 'passing')
      problems.push(`${instance} runs and is not registered (${registered.get(instance)})`);
  }
  if (alive.length !== declared.length) problems.push(`${alive.join(' ')} run`);
  const results = [...asked.values()];
  // A deregistration that was lost, or a death, leaves an entry until its TTL is over: callers may still go by it.
  const isHaunted = [...expires].some(
    ([instance, until]) => until > askedAt && !alive.includes(instance) && unregistered.has(instance),
  );
  const count = features.grpc ? 4 : 2;
  if (isHaunted && results.length === count) return problems;
  if (results.length !== count || results.some((result) => result !== 'ok'))
    problems.push(`requests by hand at ${askedAt}: ${results.join(', ')}`);
  return problems;
}
