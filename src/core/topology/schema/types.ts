import type { z } from 'zod';
import type * as G from './gateway-schema.ts';
import type * as P from './policy-schema.ts';
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
export type Route = z.infer<typeof G.Route>;
export type Endpoint = z.infer<typeof S.Endpoint>;
export type Subscription = z.infer<typeof S.Subscription>;
export type Table = z.infer<typeof S.Table>;
export type Fault = z.infer<typeof S.Fault>;
/** Policies of calls (policy-schema). */
export type Auth = z.infer<typeof P.Auth>;
export type RateLimit = z.infer<typeof P.RateLimit>;
export type LoadBalancing = z.infer<typeof P.LoadBalancing>;
export type OutlierDetection = z.infer<typeof P.OutlierDetection>;
export type HealthChecks = z.infer<typeof P.HealthChecks>;
export type UpstreamLimits = z.infer<typeof P.UpstreamLimits>;
export type Retries = z.infer<typeof P.Retries>;
export type Cors = z.infer<typeof P.Cors>;
export type Transform = z.infer<typeof P.Transform>;
export type Versioning = z.infer<typeof P.Versioning>;
export type Breaker = z.infer<typeof P.Breaker>;
export type Bulkhead = z.infer<typeof P.Bulkhead>;
export type CallPolicy = z.infer<typeof P.CallPolicy>;
export type Health = z.infer<typeof P.Health>;
export type Resolve = z.infer<typeof P.Resolve>;
export type GrpcService = z.infer<typeof S.GrpcService>;
export type GrpcMethod = z.infer<typeof S.GrpcMethod>;
export type FaultOf<K extends Fault['kind']> = Extract<Fault, { kind: K }>;
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
  /** Whom the caller reaches; absent = the registry that both use, else DNS. */
  resolve?: Resolve;
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
