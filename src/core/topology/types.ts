import type { z } from 'zod';
import type * as S from './schema.ts';

/** Types of the document, inferred from the one schema. Importing this file costs no zod at run time. */
export type Document = z.infer<typeof S.Document>;
export type TopologyNode = z.infer<typeof S.Node>;
export type NodeKind = TopologyNode['kind'];
export type NodeOf<K extends NodeKind> = Extract<TopologyNode, { kind: K }>;
export type ConfigOf<K extends NodeKind> = NodeOf<K>['config'];
export type Link = z.infer<typeof S.Link>;
export type LinkKind = Link['kind'];
export type Group = z.infer<typeof S.Group>;
export type Distribution = z.infer<typeof S.Distribution>;
export type Latency = z.infer<typeof S.Latency>;
export type Route = z.infer<typeof S.Route>;
export type Endpoint = z.infer<typeof S.Endpoint>;
export type Subscription = z.infer<typeof S.Subscription>;
export type Table = z.infer<typeof S.Table>;
export type Fault = z.infer<typeof S.Fault>;
export type Demo = z.infer<typeof S.Demo>;
export type ClientRequest = ConfigOf<'client'>['requests'][number];
export type { Step, LeafStep, ChooseStep, EachStep, ParallelStep, TryStep, TransactionStep } from './step-schema.ts';

/** The part of a document that a run reads: no positions, sizes, titles, notes (decision 3). */
export interface ExecutableNode<K extends NodeKind = NodeKind> {
  kind: K;
  name: string;
  config: ConfigOf<K>;
}
export type AnyExecutableNode = { [K in NodeKind]: ExecutableNode<K> }[NodeKind];
export interface ExecutableLink {
  kind: LinkKind;
  from: string;
  to: string;
  latency: Latency;
}
export interface ExecutableTopology {
  nodes: Record<string, AnyExecutableNode>;
  links: Record<string, ExecutableLink>;
}
/** What an edit changes, record by record; `updated` holds [from, to]. */
export interface RecordsDiff<T> {
  added: Record<string, T>;
  updated: Record<string, [T, T]>;
  removed: Record<string, T>;
}
export interface TopologyDiff {
  nodes: RecordsDiff<TopologyNode>;
  links: RecordsDiff<Link>;
  groups: RecordsDiff<Group>;
  /** Changed top-level fields (name, seed, speed, demo), [from, to]. */
  meta: Partial<Record<'name' | 'seed' | 'speed' | 'demo', [unknown, unknown]>>;
}
export interface ExecutableDiff {
  nodes: RecordsDiff<AnyExecutableNode>;
  links: RecordsDiff<ExecutableLink>;
}
