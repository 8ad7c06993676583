import type { BreakerView, RunView } from '../../core/telemetry/view.ts';
import { flattenSteps } from '../../core/topology/steps.ts';
import type { Fault, Step, TopologyNode } from '../../core/topology/schema/types.ts';
import { instanceTitle, probeReason } from '../run/mark-words.ts';
import type { Texts } from '../text/texts.ts';

/** What hurts a node beside what its handlers and lost instances say. Colour: red for broken, amber for limits that do what they are for. */
export interface Trouble {
  /** `broken` outranks a failed handler, `failing` comes after it, `limited` after lost instances. */
  rank: 'broken' | 'failing' | 'limited';
  key: TroubleKey;
  /** `to` is a node id, `instance` an instance id, `step` a step id, `reason` as the log gives it. */
  values: Readonly<Record<string, string | number>>;
}
type TroubleKey =
  | 'trouble.outage'
  | 'trouble.pause'
  | 'trouble.status'
  | 'trouble.step'
  | 'trouble.steps'
  | 'trouble.unreadyAll'
  | 'trouble.unready'
  | 'trouble.restarting'
  | 'trouble.panic'
  | 'trouble.breaker'
  | 'trouble.breakerSlow'
  | 'trouble.halfOpen'
  | 'trouble.overloaded'
  | 'trouble.callsWait'
  | 'trouble.ejected'
  | 'trouble.slow'
  | 'trouble.clock';

/** What hurts a node most at the shown time, from the folded log alone; null when nothing does. */
export function troubleOf(view: RunView, node: string): Trouble | null {
  return faulty(view, node) ?? unready(view, node) ?? limited(view, node);
}

const ofKind = <K extends Fault['kind']>(view: RunView, node: string, kind: K): Extract<Fault, { kind: K }> | null => {
  for (const fault of view.faults.values())
    if (fault.kind === kind && 'node' in fault && fault.node === node) return fault as Extract<Fault, { kind: K }>;
  return null;
};

function faulty(view: RunView, node: string): Trouble | null {
  if (ofKind(view, node, 'outage')) return { rank: 'broken', key: 'trouble.outage', values: {} };
  if (ofKind(view, node, 'pause')) return { rank: 'broken', key: 'trouble.pause', values: {} };
  const status = ofKind(view, node, 'error-rate');
  if (status === null) return armedStep(view, node);
  const values = { status: status.status, percent: Math.round(status.rate * 100) };
  return { rank: 'failing', key: 'trouble.status', values };
}

/** A step fault is shown from when it is set, not from when it bites. */
function armedStep(view: RunView, node: string): Trouble | null {
  const armed = [...view.faults.values()].filter((fault) => fault.kind === 'step-error' && fault.node === node);
  const [first] = armed;
  if (first?.kind !== 'step-error') return null;
  const values = { step: first.step, code: first.code, percent: Math.round(first.rate * 100), more: armed.length - 1 };
  return { rank: 'failing', key: armed.length > 1 ? 'trouble.steps' : 'trouble.step', values };
}

/** Instances that readiness keeps out, and those that start again after they went down. */
function unready(view: RunView, node: string): Trouble | null {
  const mine = [...view.instances.values()].filter((one) => one.node === node && one.status !== 'stopped');
  const out = mine.filter((one) => one.unready !== null && one.status === 'passing');
  const reason = out.at(-1)?.unready ?? '';
  if (out.length > 0 && out.length === mine.length)
    return { rank: 'failing', key: 'trouble.unreadyAll', values: { reason } };
  if (out.length > 0)
    return { rank: 'limited', key: 'trouble.unready', values: { count: out.length, all: mine.length, reason } };
  const again = mine.find((one) => one.status === 'starting' && one.lastCrash !== null);
  if (again === undefined) return null;
  return { rank: 'limited', key: 'trouble.restarting', values: { reason: again.lastCrash ?? '' } };
}

function limited(view: RunView, node: string): Trouble | null {
  const isMine = (instance: string): boolean => instance.startsWith(`${node}#`);
  for (const [key, to] of view.panics)
    if (isMine(key)) return { rank: 'limited', key: 'trouble.panic', values: { to } };
  const breaker = worstBreaker(view, node, null);
  if (breaker !== null && breaker.state !== 'closed') return { rank: 'limited', ...breakerTrouble(breaker) };
  const full = fullPool(view, node);
  if (full !== null) return full;
  for (const { caller, instance, reason } of view.ejections.values())
    if (isMine(caller)) return { rank: 'limited', key: 'trouble.ejected', values: { instance, reason } };
  const slow = ofKind(view, node, 'slow');
  if (slow !== null) return { rank: 'limited', key: 'trouble.slow', values: { factor: slow.factor } };
  const clock = ofKind(view, node, 'clock-skew');
  if (clock === null) return null;
  const sign = clock.skewMs < 0 ? '−' : '+';
  return { rank: 'limited', key: 'trouble.clock', values: { sign, seconds: Math.abs(clock.skewMs) / 1000 } };
}

function breakerTrouble({ state, to, failureRate, slowRate, calls }: BreakerView): Pick<Trouble, 'key' | 'values'> {
  if (state === 'half-open') return { key: 'trouble.halfOpen', values: { to } };
  const isSlow = slowRate > failureRate;
  const percent = Math.max(0, isSlow ? slowRate : failureRate) / 10;
  return { key: isSlow ? 'trouble.breakerSlow' : 'trouble.breaker', values: { to, percent, calls } };
}

/** Places of all instances together: the service's own queue first, then calls that wait for a permit. */
function fullPool(view: RunView, node: string): Trouble | null {
  const own = placesOf(view, node);
  if (own !== null && own.queued > 0)
    return { rank: 'limited', key: 'trouble.overloaded', values: { active: own.active, queued: own.queued } };
  for (const { instance, pool, active, queued, limit } of view.pools.values())
    if (pool !== 'concurrency' && queued > 0 && instance.startsWith(`${node}#`))
      return { rank: 'limited', key: 'trouble.callsWait', values: { active, queued, limit } };
  return null;
}

/** Requests in work, in line and turned away in all instances of a service that limits them; null for others. */
export function placesOf(
  view: RunView,
  node: string,
): { active: number; queued: number; limit: number; refused: number } | null {
  let sum: { active: number; queued: number; limit: number; refused: number } | null = null;
  for (const { instance, pool, active, queued, limit, refused } of view.pools.values()) {
    if (pool !== 'concurrency' || !instance.startsWith(`${node}#`)) continue;
    sum ??= { active: 0, queued: 0, limit: 0, refused: 0 };
    sum.active += active;
    sum.queued += queued;
    sum.limit += limit;
    sum.refused += refused;
  }
  return sum;
}

const SEVERITY = { closed: 0, 'half-open': 1, open: 2 } as const;

/** The breaker in the worst state over all instances and calls of a caller; `to` null = to whomever. Null when it has none. */
export function worstBreaker(view: RunView, caller: string, to: string | null): BreakerView | null {
  let worst: BreakerView | null = null;
  for (const breaker of view.breakers.values()) {
    if (!breaker.instance.startsWith(`${caller}#`) || (to !== null && breaker.to !== to)) continue;
    if (worst === null || SEVERITY[breaker.state] > SEVERITY[worst.state]) worst = breaker;
  }
  return worst;
}

/** Where a step stands: the request, event or method that it handles, and its id. */
export function stepPlace(node: TopologyNode, step: string): string {
  if (node.kind !== 'service') return step;
  const { endpoints, subscriptions, grpc } = node.config;
  const has = ({ steps }: { steps: readonly Step[] }): boolean => flattenSteps(steps).some(({ id }) => id === step);
  const endpoint = endpoints.find(has);
  if (endpoint) return `${endpoint.method} ${endpoint.path}, ${step}`;
  const other = subscriptions.find(has)?.key ?? grpc?.methods.find(has)?.rpc;
  return other === undefined ? step : `${other}, ${step}`;
}

/** A trouble in words, nodes by their titles, steps by their `place`. */
export function troubleWords(
  { key, values }: Trouble,
  title: (id: string) => string,
  texts: Texts,
  place: (step: string) => string = (step) => step,
): string {
  const { to, instance, reason, step } = values;
  return texts.t(key, {
    ...values,
    ...(typeof to === 'string' && { to: title(to) }),
    ...(typeof instance === 'string' && { instance: instanceTitle(instance, title) }),
    ...(typeof step === 'string' && { step: place(step) }),
    ...(typeof reason === 'string' && { reason: probeReason(reason, texts) }),
  });
}
