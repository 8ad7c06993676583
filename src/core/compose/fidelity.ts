import { sortedKeys } from '../base/canonical.ts';
import type { Document, TopologyNode } from '../topology/schema/types.ts';
import { imageRow, row } from './fidelity-row.ts';
import type { FidelityRow } from './model.ts';
import { nginxRows } from './nginx/nginx-rows.ts';

/** Paths that the runtime itself answers in every container. */
const RESERVED_PATHS = ['/healthz', '/readyz'];

function serviceRows(node: Extract<TopologyNode, { kind: 'service' }>): FidelityRow[] {
  const rows = [
    imageRow(node.name, 'behaviour', 'runtime'),
    row(node.name, 'serviceTime', 'unsupported', 'serviceTime'),
  ];
  const { replicas: count, endpoints, release, tokens, grpc } = node.config;
  if (count > 1) rows.push(row(node.name, 'replicas', 'equivalent', 'replicas', { count }));
  if (tokens !== undefined) rows.push(row(node.name, 'tokens', 'equivalent', 'tokens'));
  if (release !== undefined) rows.push(row(node.name, 'release', 'unsupported', 'release'));
  if (grpc !== undefined) rows.push(row(node.name, 'grpc', 'equivalent', 'grpc', { port: grpc.port, name: node.name }));
  for (const { path } of endpoints)
    if (RESERVED_PATHS.includes(path)) rows.push(row(node.name, path, 'unsupported', 'reservedPath'));
  return rows;
}

const balancingRows = ({ name, config }: Extract<TopologyNode, { kind: 'gateway' }>): FidelityRow[] => {
  const { loadBalancing, outlierDetection } = config;
  if (loadBalancing === undefined && outlierDetection === undefined) return [];
  const isWeighted = loadBalancing !== undefined && 'weights' in loadBalancing;
  return [row(name, 'balancing', 'approximate', isWeighted ? 'balancingWeighted' : 'balancing')];
};

const limitRows = ({ name, config }: Extract<TopologyNode, { kind: 'gateway' }>): FidelityRow[] =>
  config.rateLimit === undefined && config.routes.every((route) => route.rateLimit === undefined)
    ? []
    : [row(name, 'limits', 'equivalent', 'limits')];

/** Links whose addresses mean something else among containers, in the order of their ids. */
function resolveRows(document: Document): FidelityRow[] {
  return sortedKeys(document.links).flatMap((id) => {
    const link = document.links[id];
    const resolve = link?.config.resolve;
    const from = document.nodes[link?.from.node ?? '']?.name;
    const to = document.nodes[link?.to.node ?? '']?.name;
    if (from === undefined || to === undefined || resolve === undefined || resolve.by === 'registry') return [];
    return resolve.by === 'dns'
      ? [row(from, 'address', 'approximate', 'resolveDns', { to })]
      : [row(from, 'address', 'equivalent', 'resolveStatic', { to })];
  });
}

function nodeRows(node: TopologyNode, gateway: 'runtime' | 'nginx'): FidelityRow[] {
  switch (node.kind) {
    case 'service':
      return serviceRows(node);
    case 'gateway':
      if (gateway === 'nginx') return nginxRows(node.name, node.config);
      return [
        imageRow(node.name, 'routes', 'runtime'),
        ...(node.config.grpc === undefined
          ? []
          : [row(node.name, 'grpc', 'equivalent', 'grpcGateway', { port: node.config.grpc.port })]),
        ...balancingRows(node),
        ...(node.config.healthChecks === undefined
          ? []
          : [row(node.name, 'healthChecks', 'equivalent', 'healthChecks')]),
        ...limitRows(node),
      ];
    case 'client':
      return [row(node.name, 'load', 'equivalent', 'load')];
    case 'database': {
      const rows = [
        imageRow(node.name, node.config.engine, node.config.engine === 'mongodb' ? 'mongodb' : 'postgresql'),
      ];
      if (node.config.tables.some((table) => table.columns.some((column) => column.type === 'time'))) {
        rows.push(row(node.name, 'timeColumns', 'equivalent', 'timeColumns'));
      }
      return rows;
    }
    case 'broker':
      return [imageRow(node.name, node.config.engine, 'rabbitmq')];
    case 'registry':
      return [
        imageRow(node.name, node.config.engine, node.config.engine),
        ...(node.config.blockingWaitMs === undefined ? [] : [row(node.name, 'discovery', 'equivalent', 'blocking')]),
      ];
  }
}

/** What is the same and what is not, node by node in the order of names, then for the whole system. */
export function fidelityRows(document: Document, gateway: 'runtime' | 'nginx' = 'runtime'): FidelityRow[] {
  const nodes = sortedKeys(document.nodes)
    .map((id) => document.nodes[id])
    .filter((node) => node !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    ...nodes.flatMap((node) => nodeRows(node, gateway)),
    ...resolveRows(document),
    row(null, 'network', 'unsupported', 'network'),
    row(null, 'order', 'approximate', 'order'),
  ];
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** EXPORT-REPORT.md: one table, nothing left out. */
export function reportText(document: Document, rows: readonly FidelityRow[]): string {
  const lines = rows.map(
    (one) => `| ${cell(one.node ?? 'whole system')} | ${cell(one.aspect)} | ${one.level} | ${cell(one.note)} |`,
  );
  return `# Export report: ${document.name}

exact = the same code runs · equivalent = another program with the same promise · approximate = the same for usual cases · unsupported = not carried over

| node | aspect | level | note |
|---|---|---|---|
${lines.join('\n')}
`;
}
