import { createContext, useContext, useRef, useSyncExternalStore } from 'react';
import type { RunSnapshot, RunStore } from '../../app/run/run-store.ts';
import type { InstanceId } from '../../core/fabric/message.ts';
import { linkRate, nodeFailure } from '../../core/telemetry/metrics.ts';
import type { NodeFailure } from '../../core/telemetry/metrics.ts';
import type { EjectionView, InstanceView, NodeView, QueueView } from '../../core/telemetry/view.ts';

/** The run of the page; provided once by the shell. */
const RunContext = createContext<RunStore | null>(null);
export const RunProvider = RunContext.Provider;

/** The run store; throws outside of `RunProvider` (a bug). */
export function useRunStore(): RunStore {
  const store = useContext(RunContext);
  if (store === null) throw new Error('Assertion failed: useRunStore outside of RunProvider');
  return store;
}

/** One value of the run's snapshot; renders again only when it differs. */
export function useRun<T>(select: (snapshot: RunSnapshot) => T, isEqual: (a: T, b: T) => boolean = Object.is): T {
  const store = useRunStore();
  const last = useRef<{ value: T } | null>(null);
  const read = (): T => {
    const value = select(store.get());
    if (last.current !== null && isEqual(last.current.value, value)) return last.current.value;
    last.current = { value };
    return value;
  };
  return useSyncExternalStore((listener) => store.subscribe(listener), read);
}

/** Whether two lists hold the same things. */
export const sameList = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
const sameFields = <T extends object>(a: T | null, b: T | null): boolean =>
  a === b ||
  (a !== null && b !== null && Object.keys(a).every((key) => Object.is(a[key as keyof T], b[key as keyof T])));

/** Folded figures of a node; undefined until the log says something about it. */
export const useNodeView = (node: string): NodeView | undefined => useRun(({ view }) => view.nodes.get(node));
/** Why the node's badge is red (code, message, byFault, faultPercent 0 to 100 or null), or null. */
export const useNodeFailure = (node: string): NodeFailure | null =>
  useRun(({ view }) => nodeFailure(view, view.nodes.get(node)), sameFields);
/** Instances of a node by ordinal. */
export const useInstances = (node: string): readonly InstanceView[] =>
  useRun(
    ({ view }) => [...view.instances.values()].filter((instance) => instance.node === node).sort(byInstance),
    sameList,
  );
/** Instances of a node that a caller's outlier detection or health checks keep out. */
export const useEjections = (node: string): readonly EjectionView[] =>
  useRun(({ view }) => [...view.ejections.values()].filter(({ to }) => to === node), sameList);
/** Queues of a broker, by name. */
export const useQueues = (broker: string): readonly QueueView[] =>
  useRun(
    ({ view }) =>
      [...view.queues.values()].filter((queue) => queue.broker === broker).sort((a, b) => (a.queue < b.queue ? -1 : 1)),
    sameList,
  );
/** Messages per virtual second on a link over the last 5 virtual seconds, to one decimal. */
export const useLinkRate = (link: string): number => useRun(({ view }) => Math.round(linkRate(view, link) * 10) / 10);

function byInstance(a: { instance: InstanceId }, b: { instance: InstanceId }): number {
  const ordinal = (id: InstanceId): number => Number(id.slice(id.lastIndexOf('#') + 1));
  return ordinal(a.instance) - ordinal(b.instance);
}
