import { sortedKeys } from '../base/canonical.ts';
import type { Document, TopologyNode } from '../topology/types.ts';
import images from './images.json';
import type { FidelityRow } from './model.ts';

type Level = FidelityRow['level'];

/** Paths that the runtime itself answers in every container. */
const RESERVED_PATHS = ['/healthz', '/readyz'];

const row = (node: string | null, aspect: string, level: Level, note: string): FidelityRow => ({
  node,
  aspect,
  level,
  note,
});
const imageRow = (node: string, aspect: string, image: keyof typeof images): FidelityRow =>
  row(node, aspect, images[image].fidelity as Level, images[image].note);

function serviceRows(node: Extract<TopologyNode, { kind: 'service' }>): FidelityRow[] {
  const rows = [imageRow(node.name, 'behaviour', 'runtime')];
  rows.push(
    row(
      node.name,
      'service time',
      'unsupported',
      'The modelled service time is not added: a container takes the time that it takes.',
    ),
  );
  if (node.config.replicas > 1) {
    rows.push(
      row(
        node.name,
        'replicas',
        'equivalent',
        `${node.config.replicas} containers; which of them answers depends on the clock.`,
      ),
    );
  }
  if (node.config.release) {
    rows.push(
      row(
        node.name,
        'release',
        'unsupported',
        'Compose replaces all containers of a service at once; each drains for the grace period.',
      ),
    );
  }
  for (const endpoint of node.config.endpoints) {
    if (!RESERVED_PATHS.includes(endpoint.path)) continue;
    rows.push(
      row(
        node.name,
        endpoint.path,
        'unsupported',
        'The runtime answers this path itself (health check of the container).',
      ),
    );
  }
  return rows;
}

const balancingRows = ({ name, config }: Extract<TopologyNode, { kind: 'gateway' }>): FidelityRow[] => {
  const { loadBalancing, outlierDetection } = config;
  if (loadBalancing === undefined && outlierDetection === undefined) return [];
  const isWeighted = loadBalancing !== undefined && 'weights' in loadBalancing;
  const weights = ' Weights of single instances (#0) have no meaning there: the engine names the replicas.';
  return [
    row(
      name,
      'balancing',
      'approximate',
      `Among the replicas that a registry names, by the same code. Without a registry the engine's DNS chooses for each connection.${isWeighted ? weights : ''}`,
    ),
  ];
};

/** Links whose addresses mean something else among containers, in the order of their ids. */
function resolveRows(document: Document): FidelityRow[] {
  return sortedKeys(document.links).flatMap((id) => {
    const link = document.links[id];
    const resolve = link?.config.resolve;
    const from = document.nodes[link?.from.node ?? '']?.name;
    const to = document.nodes[link?.to.node ?? '']?.name;
    if (from === undefined || to === undefined || resolve === undefined || resolve.by === 'registry') return [];
    return resolve.by === 'dns'
      ? [
          row(
            from,
            `address of ${to}`,
            'approximate',
            "The engine's DNS is asked for each connection; the drawn TTL is not kept.",
          ),
        ]
      : [
          row(
            from,
            `address of ${to}`,
            'equivalent',
            `Addresses of the drawing are written as ${to}, which the engine finds wherever it runs; one that nobody has stays as it is.`,
          ),
        ];
  });
}

function nodeRows(node: TopologyNode): FidelityRow[] {
  switch (node.kind) {
    case 'service':
      return serviceRows(node);
    case 'gateway':
      return [imageRow(node.name, 'routes, aggregation, timeouts', 'runtime'), ...balancingRows(node)];
    case 'client':
      return [
        row(
          node.name,
          'load',
          'equivalent',
          'The same mix and arrivals, in the profile "load"; it is not started by a plain `docker compose up`.',
        ),
      ];
    case 'database': {
      const rows = [
        imageRow(node.name, node.config.engine, node.config.engine === 'mongodb' ? 'mongodb' : 'postgresql'),
      ];
      if (node.config.tables.some((table) => table.columns.some((column) => column.type === 'time'))) {
        rows.push(
          row(
            node.name,
            'time columns',
            'equivalent',
            'Times come from the wall clock; verify compares that they are there, not their values.',
          ),
        );
      }
      return rows;
    }
    case 'broker':
      return [imageRow(node.name, node.config.engine, 'rabbitmq')];
    case 'registry':
      return [imageRow(node.name, node.config.engine, 'consul')];
  }
}

/** What is the same and what is not, node by node in the order of names, then for the whole system. */
export function fidelityRows(document: Document): FidelityRow[] {
  const nodes = sortedKeys(document.nodes)
    .map((id) => document.nodes[id])
    .filter((node) => node !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    ...nodes.flatMap(nodeRows),
    ...resolveRows(document),
    row(
      null,
      'network',
      'unsupported',
      'Drawn latencies are not added: containers have the delay of their own network.',
    ),
    row(
      null,
      'order of independent events',
      'approximate',
      'Containers run on the wall clock: traces are equal service by service, not byte by byte.',
    ),
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
