import { bootAddresses } from '../../fabric/boot-addresses.ts';
import { nodeOf } from '../../fabric/message.ts';
import { matchEndpoint } from '../../http/path.ts';
import type { Check } from './check.ts';
import { compileTopology } from '../compile.ts';
import { linkRefusal } from '../wiring/link-rules.ts';
import type { ConfigOf, Link, LoadBalancing, NodeOf } from '../schema/types.ts';

/** RFC 9110 5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** `host:port`; the host as the run gives them out, or a name. */
const ADDRESS = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?:([0-9]{1,5})$/;

/** Services that a node calls over HTTP or gRPC, or over one of them. */
function upstreamsOf(check: Check, id: string, kind?: Link['kind']): NodeOf<'service'>[] {
  return check.links.flatMap(([, link]) => {
    const isOne = link.from.node === id && isCall(link) && (kind === undefined || link.kind === kind);
    const service = isOne ? check.nodeOf(link.to.node, 'service') : undefined;
    return service === undefined ? [] : [service];
  });
}
const isCall = (link: Link): boolean => link.kind === 'http' || link.kind === 'grpc';

/** Checks how a gateway balances: header names, that checks of health are answered, and that every weight belongs to an instance or version of a service behind it. */
export function checkBalancing(check: Check, id: string, config: ConfigOf<'gateway'>, at: string): void {
  const { loadBalancing, healthChecks } = config;
  if (healthChecks !== undefined) checkHealthChecks(check, id, healthChecks.path, `${at}/healthChecks/path`);
  if (loadBalancing === undefined) return;
  if ('header' in loadBalancing && !HEADER_NAME.test(loadBalancing.header))
    check.error('HEADER_INVALID', `${at}/loadBalancing/header`, { name: loadBalancing.header });
  if ('weights' in loadBalancing) checkWeights(check, id, loadBalancing, `${at}/loadBalancing`);
}

/** A check that finds no endpoint gets 404, which takes every instance out. */
function checkHealthChecks(check: Check, id: string, path: string, at: string): void {
  const [asked = ''] = path.split('?', 1);
  for (const { name, config } of upstreamsOf(check, id, 'http'))
    if (!matchEndpoint(config.endpoints, 'GET', asked).ok) check.warn('CHECK_NOT_ANSWERED', at, { to: name, path });
}

function checkWeights(
  check: Check,
  id: string,
  policy: Extract<LoadBalancing, { weights?: unknown }>,
  at: string,
): void {
  const weights = policy.weights ?? {};
  const upstreams = upstreamsOf(check, id);
  for (const key of Object.keys(weights).sort()) {
    const isKnown = upstreams.some(
      ({ config }) =>
        config.version === key || (/^#(0|[1-9][0-9]*)$/.test(key) && Number(key.slice(1)) < config.replicas),
    );
    if (!isKnown) check.warn('WEIGHT_UNUSED', `${at}/weights/${key}`, { key });
  }
}

/** Checks how the caller of a link finds whom it calls. */
export function checkResolve(check: Check, link: Link, at: string): void {
  const { resolve } = link.config;
  if (resolve === undefined) return;
  const place = `${at}/config/resolve`;
  if (!isCall(link)) {
    check.error('RESOLVE_NOT_A_CALL', place, { kind: link.kind });
  } else if (resolve.by === 'registry' && !sharesRegistry(check, link)) {
    check.error('RESOLVE_NO_REGISTRY', place, { from: link.from.node, to: link.to.node });
  } else if (resolve.by === 'static') checkAddresses(check, link, resolve.addresses, `${place}/addresses`);
}

/** A gateway asks registries, but is in none. */
const sharesRegistry = (check: Check, { from, to }: Link): boolean =>
  check.nodeOf(to.node, 'service') !== undefined &&
  check.links.some(
    ([, link]) =>
      link.kind === 'discovery' && link.from.node === from.node && check.linked('discovery', to.node, link.to.node),
  );

function checkAddresses(check: Check, link: Link, addresses: readonly string[], at: string): void {
  check.unique(addresses, 'ADDRESS_DUPLICATE', (index) => `${at}/${index}`);
  const held = addressesAtStart(check, link.to.node);
  addresses.forEach((address, index) => {
    const port = ADDRESS.exec(address)?.[2];
    if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
      check.error('ADDRESS_INVALID', `${at}/${index}`, { address });
    else if (held !== null && !held.includes(address))
      check.warn('ADDRESS_UNKNOWN', `${at}/${index}`, { to: link.to.node, address, known: held.join(', ') });
  });
}

/** Addresses at which the instances of a node start; null when the drawing has links that lead nowhere. */
function addressesAtStart(check: Check, node: string): string[] | null {
  const isSound = check.links.every(([, { kind, from, to }]) => {
    const [source, target] = [check.node(from.node), check.node(to.node)];
    return source !== undefined && target !== undefined && linkRefusal(source.kind, target.kind, kind) === null;
  });
  if (!isSound) return null;
  const addresses = bootAddresses(compileTopology(check.document));
  return [...addresses].flatMap(([instance, address]) => (nodeOf(instance) === node ? [address] : []));
}
