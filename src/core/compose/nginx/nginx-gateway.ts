import { portOf } from '../../fabric/peers.ts';
import type { Peer } from '../../fabric/protocol.ts';
import type { ExecutableNode } from '../../topology/schema/types.ts';
import { containerPeers } from '../container-peers.ts';
import { type ExportContext, freeName } from '../export-context.ts';
import { nginxContainer } from '../infrastructure.ts';
import { runtimeProbe } from '../probes.ts';
import { runtimeNode, waitsFor } from '../runtime-node.ts';
import { gatewayScript } from './gateway-script.ts';
import { nginxConf } from './nginx-conf.ts';
import { planNginx } from './nginx-plan.ts';

/** The engine's own DNS inside every container. */
const RESOLVER = '127.0.0.11';

/** Where nginx finds a neighbour: by its name, which stands for all replicas, or at the addresses written by hand. */
function addressesOf({ record, resolve }: Peer): readonly string[] {
  return resolve?.by === 'static' ? resolve.addresses : [`${record.name}:${portOf(record)}`];
}

/** One drawn gateway as nginx, with a sidecar of our own runtime where nginx cannot say what is drawn. */
export function addNginxGateway(context: ExportContext, node: string, record: ExecutableNode<'gateway'>): void {
  const { document, model } = context;
  const plan = planNginx(record);
  const { port, replicas } = record.config;
  const nginx = nginxContainer(record.name);
  const targets = containerPeers(node, context.topology).filter(
    (peer) => peer.kind === 'http' && peer.direction === 'out',
  );
  nginx.dependsOn = targets.map((peer) => peer.record.name).sort();
  let sidecar: string | null = null;
  if (plan.sidecar !== null) {
    const name = freeName(document, `${record.name.slice(0, 30)}-sidecar`);
    const made = runtimeNode(context, node, { ...record, config: plan.sidecar }, name);
    made.container.dependsOn = waitsFor(record, made.spec);
    made.container.replicas = replicas;
    model.containers.push(made.container);
    nginx.dependsOn = [...nginx.dependsOn, name].sort();
    sidecar = `${name}:${port}`;
  }
  const upstreams = new Map(targets.map((peer) => [peer.node, addressesOf(peer)]));
  const folder = `gateway/${record.name}`;
  model.files.set(`${folder}/nginx.conf`, nginxConf({ plan, upstreams, sidecar, resolver: RESOLVER }));
  model.files.set(`${folder}/gateway.js`, gatewayScript(node, document.seed, plan));
  nginx.files = [
    { path: `${folder}/nginx.conf`, target: '/etc/nginx/nginx.conf' },
    { path: `${folder}/gateway.js`, target: '/etc/nginx/servarium/gateway.js' },
  ];
  nginx.healthcheck = runtimeProbe(port);
  nginx.networks = ['edge', 'internal'];
  nginx.replicas = replicas;
  model.containers.push(nginx);
}
