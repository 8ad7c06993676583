import { sortedKeys } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { portOf } from '../fabric/peers.ts';
import { entryNodes, outsideOf } from './container-peers.ts';
import { EVENTS_PORT } from './container-spec.ts';
import { printableJson } from './escape.ts';
import { addRuntimeFiles, type ExportContext } from './export-context.ts';
import { connectionTo, runtimeContainer } from './infrastructure.ts';
import type { Recording, VerifySpec } from './verification.ts';

/** Without what gateways did: nginx tells no events, so only the services behind it are compared. */
function behindGateways(recording: Recording, gateways: ReadonlySet<string>): Recording {
  const requests = recording.requests.map((one) => {
    const trace = one.trace as unknown as { services: Record<string, Json> };
    const services = Object.fromEntries(Object.entries(trace.services).filter(([node]) => !gateways.has(node)));
    return { ...one, trace: { ...trace, services } as unknown as Json };
  });
  return { ...recording, requests };
}

/** The container that replays a recording and compares: profile `verify`. */
export function addVerify(context: ExportContext, recorded: Recording): void {
  const { topology, model } = context;
  const isNginx = context.options.gateway === 'nginx';
  const gateways = new Set(sortedKeys(topology.nodes).filter((id) => topology.nodes[id]?.kind === 'gateway'));
  const recording = isNginx ? behindGateways(recorded, gateways) : recorded;
  const spec: VerifySpec = { v: 1, recording, entries: {}, sources: [], stores: {}, nodes: {} };
  const container = runtimeContainer(context.verifyName);
  const secrets = new Set<string>();
  for (const id of entryNodes(topology)) {
    const record = topology.nodes[id];
    if (record) spec.entries[id] = { host: record.name, port: portOf(record) };
  }
  for (const id of sortedKeys(topology.nodes)) {
    const record = topology.nodes[id];
    if (!record) continue;
    spec.nodes[id] = outsideOf(id, record, topology);
    if (record.kind === 'service' || (record.kind === 'gateway' && !isNginx))
      spec.sources.push({ host: record.name, port: EVENTS_PORT });
    const made = record.kind === 'database' ? connectionTo(record) : null;
    if (record.kind !== 'database' || !made) continue;
    spec.stores[id] = { connection: made.connection, tables: record.config.tables };
    if (made.secret !== null) secrets.add(made.secret);
  }
  model.files.set('verify/recording.json', `${printableJson(spec as unknown as Json)}\n`);
  container.command = [...(container.command ?? []), 'verify'];
  container.files.push({ path: 'verify/recording.json', target: '/app/verify.json' });
  const stores = Object.values(spec.stores).map((store) => store.connection);
  addRuntimeFiles(container, stores);
  container.secrets = [...secrets].sort();
  container.networks = ['edge', 'internal'];
  container.profiles = ['verify'];
  container.restart = 'no';
  container.dependsOn = Object.values(spec.entries)
    .map((entry) => entry.host)
    .sort();
  model.containers.push(container);
}
