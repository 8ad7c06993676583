import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootAddresses } from '../../fabric/boot-addresses.ts';
import { compileTopology } from '../compile.ts';
import { runVirtual } from '../../../hosts/virtual/run-virtual.ts';
import type { Document, Link } from '../schema/types.ts';
import { validateDocument } from './validate.ts';

const saga = (): Document =>
  JSON.parse(readFileSync(new URL('../../../../public/examples/order-saga.json', import.meta.url), 'utf8')) as Document;
const problems = (document: Document): string[] =>
  validateDocument(document).map((problem) => `${problem.severity} ${problem.code} ${problem.at}`);
const linkOf = (document: Document, kind: Link['kind'], from?: string): [string, Link] => {
  const found = Object.entries(document.links).find(
    ([, link]) => link.kind === kind && (from === undefined || link.from.node === from),
  );
  if (found === undefined) throw new Error(`no ${kind} link`);
  return found;
};
const gatewayOf = (document: Document): [string, Document['nodes'][string] & { kind: 'gateway' }] => {
  const [id, node] = Object.entries(document.nodes).find(([, one]) => one.kind === 'gateway') ?? [];
  if (id === undefined || node?.kind !== 'gateway') throw new Error('no gateway');
  return [id, node];
};

describe('resolve of a link', () => {
  it('is refused on a link that is no call', () => {
    const document = saga();
    const [id, link] = linkOf(document, 'owns');
    link.config.resolve = { by: 'dns', ttlMs: 1 };
    expect(problems(document)).toEqual([`error RESOLVE_NOT_A_CALL links/${id}/config/resolve`]);
  });

  it('by registry needs one that both are linked to', () => {
    const document = saga();
    const [id, link] = linkOf(document, 'http', gatewayOf(document)[0]);
    link.config.resolve = { by: 'registry' };
    expect(problems(document)).toEqual([]);
    delete document.links[linkOf(document, 'discovery', link.to.node)[0]];
    expect(problems(document)).toEqual([`error RESOLVE_NO_REGISTRY links/${id}/config/resolve`]);
  });

  it('static: takes the addresses of the start, warns about others, refuses what is none or stands twice', () => {
    const document = saga();
    const [id, link] = linkOf(document, 'http', gatewayOf(document)[0]);
    const at = `links/${id}/config/resolve/addresses`;
    const held = bootAddresses(compileTopology(document)).get(`${link.to.node}#0`) ?? '';
    link.config.resolve = { by: 'static', addresses: [held] };
    expect(problems(document)).toEqual([]);
    link.config.resolve = { by: 'static', addresses: ['192.168.9.9:8001'] };
    expect(problems(document)).toEqual([`warning ADDRESS_UNKNOWN ${at}/0`]);
    link.config.resolve = { by: 'static', addresses: [held, held, 'http://x', 'x:0', 'x:70000'] };
    expect(problems(document)).toEqual([
      `error ADDRESS_DUPLICATE ${at}/1`,
      `error ADDRESS_INVALID ${at}/2`,
      `error ADDRESS_INVALID ${at}/3`,
      `error ADDRESS_INVALID ${at}/4`,
    ]);
  });

  it('bootAddresses are those of the run', () => {
    const topology = compileTopology(saga());
    const run = runVirtual({ documentId: 'x', topology, initialData: null, seed: 1, inputs: [] }, 1000);
    const started = run.events.flatMap((e) =>
      e.type === 'instance.starting' ? [[e.instance, e.address] as const] : [],
    );
    expect(bootAddresses(topology)).toEqual(new Map(started));
  });
});

describe('balancing of a gateway', () => {
  it('is accepted with weights by ordinal and version and a header; others are told', () => {
    const document = saga();
    const [id, gateway] = gatewayOf(document);
    const at = `nodes/${id}/config/loadBalancing`;
    const upstream = document.nodes[linkOf(document, 'http', id)[1].to.node];
    const version = upstream?.kind === 'service' ? upstream.config.version : '';
    gateway.config.loadBalancing = { kind: 'weighted-round-robin', weights: { '#0': 1, [version]: 2 } };
    const fine = problems(document);
    gateway.config.loadBalancing = {
      kind: 'least-request',
      choices: 2,
      bias: 1,
      weights: { '#99': 1, '#01': 1, x: 1 },
    };
    const unused = ['#01', '#99', 'x'].map((key) => `warning WEIGHT_UNUSED ${at}/weights/${key}`);
    expect(problems(document)).toEqual(unused);
    gateway.config.loadBalancing = { kind: 'maglev', header: 'not a name' };
    expect(problems(document)).toEqual([`error HEADER_INVALID ${at}/header`]);
    gateway.config.loadBalancing = { kind: 'ring-hash', header: 'X-User' };
    expect([fine, problems(document)]).toEqual([[], []]);
  });
});
