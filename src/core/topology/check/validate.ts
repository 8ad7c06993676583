import type { Problem } from '../../base/result.ts';
import { Check } from './check.ts';
import { checkResolve } from './check-balance.ts';
import { checkGateway } from './check-gateway.ts';
import {
  checkBroker,
  checkClient,
  checkDatabase,
  checkDistribution,
  checkRegistry,
  checkService,
  stepIds,
} from './check-nodes.ts';
import { linkRefusal, REFUSAL_TEXT } from '../wiring/link-rules.ts';
import { sortedEntries } from '../sorted.ts';
import type { Document, Link, TopologyNode } from '../schema/types.ts';

export { parseDocument, readDocument, IMPORT_LIMIT } from '../parse.ts';
export { linkRefusal, usualLink, REFUSAL_TEXT } from '../wiring/link-rules.ts';

/** Instances that one tab runs (decision 25). */
export const INSTANCE_LIMIT = 150;

/** Instances that a run of this document starts: replicas of services and gateways, one of everything else. */
export function countInstances(document: Pick<Document, 'nodes'>): number {
  return Object.values(document.nodes).reduce(
    (sum, node) => sum + (node.kind === 'service' || node.kind === 'gateway' ? node.config.replicas : 1),
    0,
  );
}

function checkNode(check: Check, id: string, node: TopologyNode): void {
  const at = `nodes/${id}`;
  if (node.parent !== undefined && !Object.hasOwn(check.document.groups, node.parent))
    check.error('GROUP_UNKNOWN', `${at}/parent`, { group: node.parent });
  const config = `${at}/config`;
  switch (node.kind) {
    case 'client':
      return checkClient(check, id, node.config, config);
    case 'gateway':
      return checkGateway(check, id, node.config, config);
    case 'service':
      return checkService(check, id, node.config, config);
    case 'database':
      return checkDatabase(check, id, node.config, config);
    case 'broker':
      return checkBroker(check, id, node.config, config);
    case 'registry':
      return checkRegistry(check, id, node.config, config);
  }
}

function checkLink(check: Check, id: string, link: Link): void {
  const at = `links/${id}`;
  if (check.node(id) !== undefined) check.error('ID_DUPLICATE.link', at, { id });
  const from = check.node(link.from.node);
  const to = check.node(link.to.node);
  if (from === undefined) check.error('LINK_DANGLING.from', `${at}/from/node`, { node: link.from.node });
  if (to === undefined) check.error('LINK_DANGLING.to', `${at}/to/node`, { node: link.to.node });
  if (from !== undefined && to !== undefined) {
    const refusal = link.from.node === link.to.node ? 'LINK_TO_ITSELF' : linkRefusal(from.kind, to.kind, link.kind);
    if (refusal !== null) {
      const { kind } = link;
      const values = { kind, from: link.from.node, to: link.to.node, why: REFUSAL_TEXT[refusal] };
      check.error('LINK_REFUSED', at, values, refusal);
    }
  }
  if (link.kind === 'grpc' && to?.kind === 'service' && to.config.grpc === undefined)
    check.error('GRPC_NOT_SERVED', at, { service: link.to.node });
  if (link.kind === 'grpc' && to?.kind === 'gateway' && to.config.grpc === undefined)
    check.error('GRPC_NOT_SERVED.gateway', at, { gateway: link.to.node });
  checkResolve(check, link, at);
  checkDistribution(check, link.config.latency.distribution, `${at}/config/latency/distribution`);
}

function checkLinks(check: Check): void {
  const seen = new Set<string>();
  const owners = new Map<string, string[]>();
  for (const [id, link] of check.links) {
    checkLink(check, id, link);
    const key = `${link.kind} ${link.from.node} ${link.to.node}`;
    if (seen.has(key))
      check.error('LINK_DUPLICATE', `links/${id}`, { kind: link.kind, from: link.from.node, to: link.to.node });
    seen.add(key);
    if (link.kind === 'owns') owners.set(link.to.node, [...(owners.get(link.to.node) ?? []), link.from.node]);
  }
  for (const [store, services] of owners) {
    if (services.length > 1) check.warn('DATABASE_SHARED', `nodes/${store}`, { nodes: services.join(', ') });
  }
}

function checkDemo(check: Check): void {
  const { demo } = check.document;
  if (demo === undefined) return;
  const client = check.nodeOf(demo.primary.client, 'client');
  if (client === undefined) check.error('NODE_UNKNOWN.client', 'demo/primary/client', { node: demo.primary.client });
  else if (!client.config.requests.some((request) => request.id === demo.primary.request))
    check.error('REQUEST_UNKNOWN', 'demo/primary/request', {
      client: demo.primary.client,
      request: demo.primary.request,
    });
  const fault = demo.break?.fault;
  if (fault === undefined) return;
  if ('link' in fault) {
    if (!Object.hasOwn(check.document.links, fault.link))
      check.error('LINK_UNKNOWN', 'demo/break/fault/link', { link: fault.link });
    return;
  }
  if (fault.kind !== 'step-error') {
    if (check.node(fault.node) === undefined)
      check.error('NODE_UNKNOWN.node', 'demo/break/fault/node', { node: fault.node });
    return;
  }
  const service = check.nodeOf(fault.node, 'service');
  if (service === undefined) check.error('NODE_UNKNOWN.service', 'demo/break/fault/node', { node: fault.node });
  else if (!stepIds(service).has(fault.step))
    check.error('STEP_UNKNOWN', 'demo/break/fault/step', { service: fault.node, step: fault.step });
}

/**
 * Everything that the shape cannot say: references, links against kinds, steps against links, tables and columns, expressions,
 * limits, and what cannot be run yet. `error`s keep the document from running; `warning`s do not. Sorted by place of discovery, total.
 */
export function validateDocument(document: Document): Problem[] {
  const check = new Check(document);
  const names = new Map<string, string>();
  for (const [id, node] of sortedEntries(document.nodes)) {
    const first = names.get(node.name);
    if (first !== undefined)
      check.error('NAME_DUPLICATE', `nodes/${id}/name`, { other: first, node: id, name: node.name });
    names.set(node.name, id);
    checkNode(check, id, node);
  }
  for (const id of Object.keys(document.groups).sort()) {
    if (Object.hasOwn(document.nodes, id) || Object.hasOwn(document.links, id))
      check.error('ID_DUPLICATE.group', `groups/${id}`, { id });
  }
  checkLinks(check);
  checkDemo(check);
  const instances = countInstances(document);
  if (instances > INSTANCE_LIMIT) check.warn('LIMIT_INSTANCES', 'nodes', { count: instances, limit: INSTANCE_LIMIT });
  return check.problems;
}
